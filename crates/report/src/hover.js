// Values under the pointer. The page is whole without this.
(() => {
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  document.body.append(tip);
  const make = (name, attributes, parent) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    return parent.appendChild(element);
  };
  const told = (tag, text) => {
    const element = document.createElement(tag);
    element.textContent = text;
    return element;
  };
  // Of lines: what each has at the place that is nearest to the pointer.
  const alongLines = (plot, place, shown) => {
    const near = points => points.reduce((best, point) =>
      !best || Math.abs(point[0] - place.x) < Math.abs(best[0] - place.x) ? point : best, null);
    const found = plot.lines.map(line => ({ line, point: near(line.points) })).filter(each => each.point);
    const first = near(found.map(each => each.point));
    if (!first) return null;
    // Lines that are marked elsewhere say nothing about this place.
    const here = found.filter(each => Math.abs(each.point[0] - first[0]) < 12)
      .sort((one, other) => one.point[1] - other.point[1]);
    make("line", { x1: first[0], x2: first[0], y1: plot.top, y2: plot.bottom, stroke: "var(--soft)", "stroke-width": 1 }, shown);
    const rows = here.map(({ line, point }) => {
      make("circle", { cx: point[0], cy: point[1], r: 4, fill: line.paint, stroke: "var(--paper)", "stroke-width": 1.5 }, shown);
      const row = document.createElement("div");
      const dot = document.createElement("i");
      dot.style.background = line.paint;
      row.append(dot, line.name + " ", told("b", point[3]));
      return row;
    });
    return [told("div", plot.x + " " + first[2]), ...rows];
  };
  // Of maps: the two words and the share of the cell under the pointer.
  const inMaps = (plot, place, shown) => {
    for (const map of plot.maps) {
      const column = Math.floor((place.x - map.left) / map.cell);
      const line = Math.floor((place.y - map.top) / map.cell);
      const share = (map.shares[line] || [])[column];
      if (share === undefined || !(column in plot.source)) continue;
      const x = +map.left + column * map.cell, y = +map.top + line * map.cell;
      make("rect", { x, y, width: map.cell, height: map.cell, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5 }, shown);
      const row = document.createElement("div");
      row.append(told("bdi", plot.target[line]), " looks at ", told("bdi", plot.source[column]), " ", told("b", share + "\u00a0%"));
      return [told("div", map.title), row];
    }
    return null;
  };
  // Of a matrix: what was wanted, what was said, and how often.
  const inMatrix = (plot, place, shown) => {
    const column = Math.floor((place.x - plot.left) / plot.cell);
    const line = Math.floor((place.y - plot.top) / plot.cell);
    const count = (plot.counts[line] || [])[column];
    if (count === undefined) return null;
    const x = +plot.left + column * plot.cell, y = +plot.top + line * plot.cell;
    make("rect", { x, y, width: plot.cell, height: plot.cell, fill: "none", stroke: "var(--ink)", "stroke-width": 1.5 }, shown);
    const wanted = document.createElement("div"), said = document.createElement("div");
    wanted.append("wanted ", told("bdi", plot.names[line]));
    said.append("said ", told("bdi", plot.names[column]), " ", told("b", count + " of " + plot.there[line]));
    return [wanted, said];
  };
  for (const svg of document.querySelectorAll("svg[data-hover]")) {
    const plot = JSON.parse(svg.dataset.hover);
    const look = plot.maps ? inMaps : plot.counts ? inMatrix : alongLines;
    let shown = null;
    const clear = () => {
      if (shown) shown.remove();
      shown = null;
      tip.hidden = true;
    };
    svg.addEventListener("pointermove", event => {
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      clear();
      shown = make("g", { "pointer-events": "none" }, svg);
      const rows = look(plot, place, shown);
      if (!rows) return clear();
      tip.replaceChildren(...rows);
      tip.hidden = false;
      const left = Math.min(event.clientX + 16, innerWidth - tip.offsetWidth - 8);
      tip.style.left = left + scrollX + "px";
      tip.style.top = event.clientY + scrollY + 16 + "px";
    });
    svg.addEventListener("pointerleave", clear);
  }
})();
