import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { documentOf } from './document.ts';
import { html } from './html.ts';

const page = (more = {}) => documentOf({ title: '</title><script>', body: html`<p>${'<script>'}</p>`, ...more });

const policyOf = (text: string) =>
  / http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(text)![1]!.replaceAll('&#39;', "'");

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('its policy names the style and the script that are in it, and nothing else', () => {
  const text = page();
  const [style] = [...text.matchAll(/<style>([^]*?)<\/style>/g)].map(([, inside]) => inside!);
  const scripts = [...text.matchAll(/<script[^>]*>([^]*?)<\/script>/g)].map(([, inside]) => inside!);

  expect(scripts).toHaveLength(1);
  expect(policyOf(text).split('; ')).toEqual([
    "default-src 'none'",
    `style-src ${hashOf(style!)}`,
    `script-src ${hashOf(scripts[0]!)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
});

test('a page that is served may ask where it came from', () => {
  expect(policyOf(page({ connects: "'self'" }))).toContain("connect-src 'self'");
  expect(policyOf(page())).not.toContain('connect-src');
});

test('its title is text', () => {
  expect(page()).toContain('<title>&lt;/title&gt;&lt;script&gt;</title>');
});

test('it names no place in the network', () => {
  expect(page()).not.toMatch(/https?:|\/\/[a-z]|@import|url\((?!'\#)/);
});

test('a script that runs in a browser is called like no module: the package would have one file for both', () => {
  const files = readdirSync(import.meta.dirname);
  const scripts = files.filter((file) => file.endsWith('.js'));
  expect(scripts).toContain('in-browser.js');
  expect(scripts.filter((file) => files.includes(file.replace(/js$/, 'ts')))).toEqual([]);
});
