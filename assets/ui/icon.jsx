/** A symbol of the sprite. Decorative: the text beside it speaks. */
export function Icon({ name, className = "icon" }) {
  return (
    <svg className={className} aria-hidden="true" focusable="false">
      <use href={`/icons.svg#${name}`} />
    </svg>
  );
}
