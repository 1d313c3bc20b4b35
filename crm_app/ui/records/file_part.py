"""The files of a cell: a link each, and on a record's page the plain pictures themselves."""

from typing import Any

import reflex as rx

from crm_app.ui.elements import download, icon
from crm_app.ui.records.file_data import FileLink


def _link(item: Any, *, with_pictures: bool) -> rx.Component:
    mark = icon("paperclip")
    if with_pictures:
        picture = rx.el.img(src=item["picture"], alt="", loading="lazy", class_name="file-picture")
        mark = rx.cond(item["picture"] != "", picture, mark)
    return rx.el.li(
        download(
            mark,
            rx.el.span(item["name"], class_name="file-name"),
            href=item["href"],
            class_name="file-link quiet-link",
        ),
        *([rx.el.span(item["size"], class_name="file-size")] if with_pictures else []),
        key=item["href"],
    )


def file_links_of(cell: Any, *, with_pictures: bool) -> rx.Component:
    return rx.el.ul(
        rx.foreach(cell["files"].to(list[FileLink]), lambda item: _link(item, with_pictures=with_pictures)),
        class_name="file-links",
    )
