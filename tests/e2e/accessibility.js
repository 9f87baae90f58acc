// House rules beside axe-core's: what its rules do not look at.
() => {
  const found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const say = (rule, element) => found.push(`${rule}: ${element.outerHTML.replace(/\s+/g, " ").slice(0, 140)}`);
  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });

  for (const element of all("[style], [onclick], [onload], style, script:not([src])")) say("inline", element);
  for (const table of all("table")) if (seen(table) && !table.ariaLabel && !table.caption && !table.closest("details")) say("table without a name", table);
  for (const head of all("th")) if (!head.scope) say("table head without scope", head);
  for (const nav of all("nav")) if (!nav.ariaLabel) say("landmark without a name", nav);
  for (const wrong of all('[aria-invalid="true"]')) {
    const described = (wrong.getAttribute("aria-describedby") ?? "").split(/\s+/);
    if (!described.some((id) => id.endsWith("_error") && document.getElementById(id))) say("wrong without saying why", wrong);
  }

  // The outline of a field stands out from what is around it (WCAG 1.4.11).
  const light = (colour) => {
    const scale = colour.startsWith("color(") ? 1 : 255;
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((n) => n / scale).map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const clear = (colour) => colour === "transparent" || /, 0\)$/.test(colour);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) if (!clear(getComputedStyle(at).backgroundColor)) return getComputedStyle(at).backgroundColor;
    return "rgb(255, 255, 255)";
  };
  for (const field of all("input:not([type=hidden]), select, textarea").filter(seen)) {
    const style = getComputedStyle(field);
    if (field.getBoundingClientRect().width <= 1 || parseFloat(style.borderTopWidth) === 0 || style.outlineStyle !== "none") continue;
    const [bright, dim] = [light(style.borderTopColor), light(ground(field.parentElement))].sort((a, b) => b - a);
    if (bright / dim < 3) say(`outline ${(bright / dim).toFixed(2)}`, field);
  }
  return found;
}
