import { html, type Html, type Part } from './html.ts';

/** A column by its head. One of numbers is set to the right. */
type Column = string | { readonly number: string };

interface TableOptions {
  /** Whether it takes the whole width. @default false */
  readonly wide?: boolean;
  readonly id?: string;
  /** What screen readers call it. @default - what stands before it says enough */
  readonly caption?: string;
}

/** A table that scrolls by itself where the window is narrow. @param rows elements `tr` */
export function table(columns: readonly Column[], rows: Part, { wide = false, id, caption }: TableOptions = {}): Html {
  const head = columns.map((column) =>
    typeof column === 'string'
      ? html`<th scope="col">${column}</th> `
      : html`<th scope="col" class="number">${column.number}</th> `,
  );
  return html`<div class="scroll">
    <table class="${wide && 'wide'}" ${id !== undefined && html`id="${id}"`}>
      ${
        caption !== undefined &&
        html`<caption class="unseen">
          ${caption}
        </caption>`
      }
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div> `;
}
