/**
 * A program for a browser: texts of the page whose contrast to what is behind them is less than 4.5, or 3 if they are
 * large: https://www.w3.org/TR/WCAG22/#contrast-minimum
 */
export const unreadable = `(() => {
  const numbers = (color) => color.match(/[\\d.]+/g).map(Number);
  const isSeen = (color) => numbers(color)[3] !== 0;
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const { backgroundColor } = getComputedStyle(at);
      if (isSeen(backgroundColor)) return backgroundColor;
    }
    return 'rgb(255, 255, 255)';
  };
  const luminance = (color) => {
    const [r, g, b] = numbers(color).map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    const text = texts.currentNode.data.trim();
    if (text === '' || !element.checkVisibility()) continue;
    const style = getComputedStyle(element);
    const isDrawn = element.namespaceURI.endsWith('/svg');
    const [a, b] = [luminance(isDrawn ? style.fill : style.color), luminance(behind(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const isLarge = parseFloat(style.fontSize) >= 24;
    if (contrast < (isLarge ? 3 : 4.5)) found.add(contrast.toFixed(2) + ' ' + text.slice(0, 40));
  }
  return [...found];
})()`;
