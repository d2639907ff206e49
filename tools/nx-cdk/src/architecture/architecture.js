/*
 * What the page of an architecture does besides: boxes show what was found, and a box shows what belongs to it. Runs in
 * a browser as it is.
 */
const boxes = [...document.querySelectorAll('[data-box]')];
const lines = [...document.querySelectorAll('.need[data-from]')];

/** Rows of the table that the filters have left out: their boxes step back. */
const isHidden = (anchor) => document.getElementById(anchor)?.hidden === true;

/** @param near ids of what is looked at; null for what the filters have left */
const show = (near) => {
  const isFaint = (anchor) => (near === null ? isHidden(anchor) : !near.has(anchor));
  for (const box of boxes) box.classList.toggle('faint', isFaint(box.dataset.box));
  for (const { classList, dataset } of lines) classList.toggle('faint', isFaint(dataset.from) || isFaint(dataset.to));
};

/** Environments that were opened for what is looked for in them. */
const opened = new Set();

const follow = () => {
  show(null);
  const filters = document.querySelector('[data-filters]');
  const isLooking =
    filters.querySelector('input[type=search]').value.trim() !== '' ||
    (filters.querySelector('input[type=radio]:checked')?.value ?? '') !== '';
  for (const environment of document.querySelectorAll('details.environment')) {
    if (isLooking && !environment.hidden && !environment.open) {
      environment.open = true;
      opened.add(environment);
    } else if (!isLooking && opened.delete(environment)) environment.open = false;
  }
};

// After the filters of all pages, whose script comes first.
document.addEventListener('input', follow);
follow();

for (const box of boxes) {
  const own = box.dataset.box;
  box.addEventListener('pointerenter', () => {
    const near = new Set([own]);
    for (const { dataset } of lines)
      if (dataset.from === own || dataset.to === own) near.add(dataset.from).add(dataset.to);
    // A box that nothing belongs to says nothing of the others.
    if (near.size > 1) show(near);
  });
  box.addEventListener('pointerleave', () => show(null));
}
