() => {
  const found = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const show = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const say = (rule, element) => found.push(`${rule}: ${show(element)}`);
  const textOf = (ids) => ids.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" ").trim();

  const seen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true, contentVisibilityAuto: true });
  const onlyRead = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const box = at.getBoundingClientRect();
      if (getComputedStyle(at).overflow === "hidden" && (box.width <= 1 || box.height <= 1)) return true;
    }
    return false;
  };

  const spoken = (element) => {
    if (element.closest('[aria-hidden="true"]')) return "";
    return [...element.childNodes].map((node) => {
      if (node.nodeType === Node.TEXT_NODE) return node.textContent;
      if (node.nodeType !== Node.ELEMENT_NODE) return "";
      return node.getAttribute("aria-label") ?? spoken(node);
    }).join("").trim();
  };
  const nameOf = (element) => {
    const labelled = element.getAttribute("aria-labelledby");
    if (labelled && textOf(labelled)) return textOf(labelled);
    if (element.ariaLabel) return element.ariaLabel;
    if (element.labels?.length) return [...element.labels].map(spoken).join(" ").trim();
    return element.matches("input, select, textarea, progress") ? "" : spoken(element);
  };

  // Names
  for (const control of all("input:not([type=hidden]), select, textarea, button, summary, a[href], progress, dialog, [role=img], [role=group]")) {
    if (seen(control) && !control.closest('[aria-hidden="true"]') && !nameOf(control)) say("has no name", control);
  }
  for (const image of all("svg:not([aria-hidden]):not([role=img])")) if (!image.closest("[role=img]")) say("drawing neither hidden nor named", image);
  for (const table of all("table")) if (seen(table) && !table.ariaLabel && !table.caption && !table.closest("details")) say("table without a name", table);
  for (const head of all("th")) if (!head.scope) say("table head without scope", head);
  for (const nav of all("nav")) if (!nav.ariaLabel) say("landmark without a name", nav);

  // Structure
  if (!document.documentElement.lang) found.push("the document has no language");
  if (!document.title.trim()) found.push("the document has no title");
  for (const once of ["h1", "main"]) if (all(once).length !== 1) found.push(`there are ${all(once).length} of <${once}>`);
  let level = 0;
  for (const heading of all("h1, h2, h3, h4").filter(seen)) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1 && level) say("heading skips a level", heading);
    level = next;
  }
  const ids = all("[id]").map((element) => element.id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) found.push(`id stands twice: ${id}`);
  for (const attribute of ["aria-labelledby", "aria-controls", "for"]) {
    for (const element of all(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) if (!document.getElementById(id)) say(`${attribute} points nowhere`, element);
    }
  }
  for (const wrong of all('[aria-invalid="true"]')) {
    const described = (wrong.getAttribute("aria-describedby") ?? "").split(/\s+/);
    if (!described.some((id) => id.endsWith("_error") && document.getElementById(id))) say("wrong without saying why", wrong);
  }
  for (const element of all("[tabindex]")) if (element.tabIndex > 0) say("tab order of its own", element);
  for (const hidden of all('[aria-hidden="true"]')) {
    const inside = [hidden, ...hidden.querySelectorAll("a[href], button, input, select, textarea")];
    for (const element of inside) if (element.tabIndex >= 0 && seen(element)) say("can be focused but is hidden", element);
  }
  for (const element of all("[style], [onclick], [onload], style, script:not([src])")) say("inline", element);

  // Sizes of what one points at; a link within a sentence is as high as its line.
  for (const target of all("button, summary, select, input:not([type=hidden]), a.btn, a.nav-link, nav a")) {
    if (!seen(target) || onlyRead(target) || target.closest('[aria-hidden="true"]')) continue;
    const box = (target.closest("label") ?? target).getBoundingClientRect();
    if (box.width && (box.width < 24 || box.height < 24)) say(`only ${Math.round(box.width)} × ${Math.round(box.height)} to point at`, target);
  }

  // Contrast
  const parse = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    const scale = colour.startsWith("color(") ? 255 : 1;
    return { rgb: numbers.slice(0, 3).map((n) => n * scale), alpha: numbers[3] ?? 1 };
  };
  const over = (top, bottom) => top.rgb.map((n, i) => n * top.alpha + bottom[i] * (1 - top.alpha));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = parse(getComputedStyle(at).backgroundColor);
      layers.push(layer);
      if (layer.alpha === 1) break;
    }
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((n) => n / 255).map((n) => (n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light + 0.05) / (dark + 0.05);
  };
  const faded = (element) => {
    let opacity = 1;
    for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
    return opacity;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const done = new Set();
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || done.has(element) || !seen(element) || onlyRead(element)) continue;
    done.add(element);
    if (element.matches("script, style, noscript, option, title") || element.closest("[disabled], [aria-disabled]")) continue;
    const style = getComputedStyle(element);
    const back = ground(element.closest("svg")?.parentElement ?? element);
    const ink = parse(element.closest("svg") ? style.fill : style.color);
    ink.alpha *= faded(element);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    const contrast = ratio(over(ink, back), back);
    if (contrast < (large ? 3 : 4.5)) say(`contrast ${contrast.toFixed(2)}`, element);
  }
  for (const input of all("input:not([type=hidden]), select, textarea").filter(seen)) {
    const style = getComputedStyle(input);
    if (onlyRead(input) || parseFloat(style.borderTopWidth) === 0 || style.outlineStyle !== "none") continue;
    const contrast = ratio(over(parse(style.borderTopColor), ground(input.parentElement)), ground(input.parentElement));
    if (contrast < 3) say(`outline ${contrast.toFixed(2)}`, input);
  }
  return found;
}
