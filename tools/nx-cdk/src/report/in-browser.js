/*
 * What a page does besides being read: filters, a search, opening what a link leads to, and all of it for printing.
 * Runs in a browser as it is.
 */
const all = (selector, within = document) => [...within.querySelectorAll(selector)];

document.documentElement.classList.add('scripted');

/**
 * The filters of a list: which rows are shown. Folds are opened while something is looked for in them.
 *
 * @returns looks at the rows again, which may be others now
 */
const filtering = (filters) => {
  const list = document.getElementById(filters.dataset.filters);
  let texts = new Map();
  /** Names in it: of a stack and its resources, but not of what it waited for. */
  const textOf = (row) => {
    if (!texts.has(row))
      texts.set(
        row,
        all('.what, th', row)
          .map((name) => name.textContent.toLowerCase())
          .join('\n'),
      );
    return texts.get(row);
  };
  const search = filters.querySelector('input[type=search]');
  const said = filters.querySelector('output');

  const apply = () => {
    const rows = all('[data-kind]', list);
    const kind = filters.querySelector('input[type=radio]:checked')?.value ?? '';
    const wanted = search.value.trim().toLowerCase();
    const isShown = (row) =>
      (kind === '' || row.dataset.kind.split(' ').includes(kind)) && (wanted === '' || textOf(row).includes(wanted));
    const shown = rows.filter(isShown);
    const visible = new Set(shown);
    for (const row of rows) row.hidden = !visible.has(row);
    for (const group of all('[data-group]', list)) group.hidden = !all('[data-kind]', group).some((row) => !row.hidden);
    const isLooking = kind !== '' || wanted !== '';
    for (const fold of all('details.fold', list)) {
      fold.hidden = !all('[data-kind]', fold).some((row) => !row.hidden);
      if (isLooking) fold.open = true;
      else if (fold.dataset.found !== undefined) fold.open = false;
      if (isLooking) fold.dataset.found = '';
      else delete fold.dataset.found;
    }
    said.textContent = isLooking ? `${shown.length} of ${rows.length} shown` : '';
  };
  filters.addEventListener('input', apply);
  const setAll = (open) => {
    for (const item of all('details.item', list)) if (!item.hidden) item.open = open;
  };
  filters.querySelector('[data-open]')?.addEventListener('click', () => setAll(true));
  filters.querySelector('[data-close]')?.addEventListener('click', () => setAll(false));
  return () => {
    texts = new Map();
    apply();
  };
};

const filters = new WeakMap();

/** Is called again when a served page has got new content. */
const setUp = () => {
  for (const one of all('[data-filters]')) {
    if (!filters.has(one)) filters.set(one, filtering(one));
    // A browser that goes back fills the fields in again.
    filters.get(one)();
  }
  for (const time of all('time[datetime]')) time.title = new Date(time.dateTime).toLocaleString();
};
setUp();
document.addEventListener('replaced', setUp);

/** Opens what a link leads to, and what it is in. */
const openTarget = () => {
  const target = location.hash === '' ? null : document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let at = target; at !== null; at = at.parentElement) if (at.tagName === 'DETAILS') at.open = true;
  target?.scrollIntoView();
};
addEventListener('hashchange', openTarget);
if (location.hash !== '') openTarget();

/** Paper cannot be opened. What is unchanged stays folded. */
let opened = [];
addEventListener('beforeprint', () => {
  opened = all('details.item').filter((item) => !item.open && item.closest('details.fold:not([open])') === null);
  for (const item of opened) item.open = true;
});
addEventListener('afterprint', () => {
  for (const item of opened) item.open = false;
});
