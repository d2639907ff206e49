import { html, joined } from './html.ts';

const HOSTILE = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' autofocus onfocus='alert(1)",
  '</script><svg onload=alert(1)>',
  '&lt;b&gt;',
];

test.each(HOSTILE)('%s is text, between tags and in an attribute', (text) => {
  const { markup } = html`<b title="${text}">${text}</b>`;
  const inside = markup.replace(/^<b title="/, '').replace(/<\/b>$/, '');
  expect(inside.match(/[<>"']/g)).toEqual(['"', '>']);
});

test('what was made by a template stays as it is, and what is left out leaves nothing', () => {
  const bold = html`<b>${'<'}</b>`;
  expect(html`${bold}${[bold, ', ', 3]}${undefined}${false}`.markup).toBe('<b>&lt;</b><b>&lt;</b>, 3');
  expect(html`${joined(['a', bold], ' & ')}`.markup).toBe('a &amp; <b>&lt;</b>');
});

test('marks of direction and other characters that nobody sees are shown', () => {
  expect(html`${'a\u202Eb\u200Bc\u0000d'}`.markup).toBe('a&lt;U+202E&gt;b&lt;U+200B&gt;c&#65533;d');
});

test('letters of all scripts and signs are written by their numbers: a page has one byte a character', () => {
  expect(html`<b>✔</b> ${'größe \u{1f600} 注文'}`.markup).toBe('<b>&#10004;</b> größe &#128512; &#27880;&#25991;');
});

test('the indentation of a template is no part of it, that of a text is', () => {
  const list = html`<ul>
    <li>${'a\n    b'}</li>
  </ul>`;
  expect(list.markup).toBe('<ul>\n<li>a\n    b</li>\n</ul>');
});
