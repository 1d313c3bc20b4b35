"use strict";

// The key stays in this page's memory: it is neither stored nor put into an address.
const form = document.getElementById("enter");
const operations = document.getElementById("operations");
const refusal = document.getElementById("refusal");
const download = document.getElementById("download");

function element(tag, text, attributes) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  for (const [name, value] of Object.entries(attributes || {})) made.setAttribute(name, value);
  return made;
}

function resolved(document_, value) {
  if (!value || !value.$ref) return value;
  return value.$ref.slice(2).split("/").reduce((at, key) => at[key], document_);
}

// A schema written out, each reference once, so that a person can read it.
function shape(document_, schema, depth = 0) {
  if (!schema || depth > 5) return "…";
  if (schema.$ref) return shape(document_, resolved(document_, schema), depth + 1);
  if (schema.const) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((each) => JSON.stringify(each)).join(" | ");
  const either = schema.anyOf || schema.oneOf;
  if (either) return either.map((each) => shape(document_, each, depth + 1)).join(" | ");
  const pad = "  ".repeat(depth + 1);
  if (schema.properties) {
    const lines = Object.entries(schema.properties).map(([name, each]) => {
      const mark = (schema.required || []).includes(name) ? "" : "?";
      return `${pad}${name}${mark}: ${shape(document_, each, depth + 1)}`;
    });
    return `{\n${lines.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  if (schema.items) return `[ ${shape(document_, schema.items, depth)} ]`;
  const type = [].concat(schema.type || "any").join(" | ");
  return schema.format ? `${type} (${schema.format})` : type;
}

function parameterTable(document_, parameters) {
  const table = element("table");
  for (const each of parameters.map((p) => resolved(document_, p))) {
    const line = element("tr");
    const name = element("td");
    name.append(element("code", each.name));
    line.append(name, element("td", each.in), element("td", each.description || ""));
    table.append(line);
  }
  return table;
}

function curl(document_, method, path, operation) {
  const root = location.origin + document_.servers[0].url.replace(/\/$/, "");
  const parts = [`curl -X ${method.toUpperCase()} '${root}${path}'`, `-H 'Authorization: Bearer trl_…'`];
  if (operation.requestBody) parts.push("-H 'Content-Type: application/json'", "-d @body.json");
  return parts.join(" \\\n  ");
}

function jsonSchemaOf(body) {
  return body && body.content && body.content["application/json"].schema;
}

function operationView(document_, path, method, operation, shared) {
  const view = element("details");
  const summary = element("summary");
  summary.append(element("span", method.toUpperCase(), { class: "method" }), element("code", path));
  summary.append(element("span", operation.summary));
  const inside = element("div");
  const parameters = [...shared, ...(operation.parameters || [])];
  if (parameters.length) inside.append(parameterTable(document_, parameters));
  const body = jsonSchemaOf(operation.requestBody);
  if (body) inside.append(element("p", "Body"), element("pre", shape(document_, body)));
  for (const [status, response] of Object.entries(operation.responses)) {
    const answer = jsonSchemaOf(resolved(document_, response));
    if (answer) inside.append(element("p", `Answer ${status}`), element("pre", shape(document_, answer)));
  }
  inside.append(element("pre", curl(document_, method, path, operation)));
  view.append(summary, inside);
  return view;
}

function show(document_) {
  const groups = new Map([["", element("section")]]);
  groups.get("").append(element("h2", "Workspace"));
  for (const tag of document_.tags) {
    const section = element("section");
    section.append(element("h2", tag.description));
    groups.set(tag.name, section);
  }
  for (const [path, item] of Object.entries(document_.paths)) {
    for (const method of ["get", "post", "patch", "delete"]) {
      const operation = item[method];
      if (!operation) continue;
      const group = groups.get((operation.tags || [""])[0]);
      group.append(operationView(document_, path, method, operation, item.parameters || []));
    }
  }
  operations.replaceChildren(...groups.values());
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  refusal.textContent = "";
  const key = document.getElementById("key").value.trim();
  try {
    const answer = await fetch("openapi.json", { headers: { Authorization: `Bearer ${key}` }, credentials: "omit" });
    const body = await answer.json();
    if (!answer.ok) throw new Error(body.error.message);
    download.href = URL.createObjectURL(new Blob([JSON.stringify(body, null, 1)], { type: "application/json" }));
    download.hidden = false;
    show(body);
  } catch (problem) {
    operations.replaceChildren();
    refusal.textContent = problem.message;
  }
});
