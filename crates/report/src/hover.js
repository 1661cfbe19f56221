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
  for (const svg of document.querySelectorAll("svg[data-hover]")) {
    const plot = JSON.parse(svg.dataset.hover);
    let shown = null;
    const clear = () => {
      if (shown) shown.remove();
      shown = null;
      tip.hidden = true;
    };
    svg.addEventListener("pointermove", event => {
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const near = points => points.reduce((best, point) =>
        !best || Math.abs(point[0] - place.x) < Math.abs(best[0] - place.x) ? point : best, null);
      const found = plot.lines.map(line => ({ line, point: near(line.points) })).filter(each => each.point);
      const first = near(found.map(each => each.point));
      clear();
      if (!first) return;
      // Lines that are marked elsewhere say nothing about this place.
      const here = found.filter(each => Math.abs(each.point[0] - first[0]) < 12)
        .sort((one, other) => one.point[1] - other.point[1]);
      shown = make("g", { "pointer-events": "none" }, svg);
      make("line", { x1: first[0], x2: first[0], y1: plot.top, y2: plot.bottom, stroke: "var(--soft)", "stroke-width": 1 }, shown);
      tip.replaceChildren();
      const head = document.createElement("div");
      head.textContent = plot.x + " " + first[2];
      tip.append(head);
      for (const { line, point } of here) {
        make("circle", { cx: point[0], cy: point[1], r: 4, fill: line.paint, stroke: "var(--paper)", "stroke-width": 1.5 }, shown);
        const row = document.createElement("div");
        const dot = document.createElement("i");
        dot.style.background = line.paint;
        const value = document.createElement("b");
        value.textContent = point[3];
        row.append(dot, line.name + " ", value);
        tip.append(row);
      }
      tip.hidden = false;
      const left = Math.min(event.clientX + 16, innerWidth - tip.offsetWidth - 8);
      tip.style.left = left + scrollX + "px";
      tip.style.top = event.clientY + scrollY + 16 + "px";
    });
    svg.addEventListener("pointerleave", clear);
  }
})();
