/** A program for a browser: by look of a bar, how it differs from others if nobody sees colours. */
export const shapesOf = (looks: readonly string[]) => `(() => {
  const chart = document.querySelector('#list-timeline .chart');
  const shapeOf = (look) => {
    const bar = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
    bar.classList.add(look);
    chart.append(bar);
    const { y, height, fill } = getComputedStyle(bar);
    const [, pattern] = /#([^"]+)/.exec(fill) ?? [];
    const isMissing = pattern !== undefined && !document.getElementById(pattern)?.childElementCount;
    return [y, height, pattern ?? (fill === 'none' ? 'hollow' : 'filled'), isMissing && 'missing'].join(' ');
  };
  return Object.fromEntries(${JSON.stringify(looks)}.map((look) => [look, shapeOf(look)]));
})()`;
