import { targetName } from '@nx-cdk/environments';
import { count, type RecordedItem } from '../progress/index.ts';
import { failuresSection } from './failures.ts';
import { bytes, code, duration, name } from './format.ts';
import { html, type Html } from './html.ts';
import type { PublishRun } from './model.ts';
import { kindOf, outcomeBadge } from './outcome.ts';
import {
  type Content,
  type Fact,
  filtersOf,
  fold,
  messagesSection,
  requestsSection,
  runFacts,
  runPage,
  type Section,
  targetFacts,
} from './sections.ts';
import { timelineSection } from './timeline.ts';
import { table } from './table.ts';

type Asset = NonNullable<NonNullable<PublishRun['result']>['destinations']>[number];

/** The page of a publishing run: what failed, then each asset, by the bucket or repository that it goes to. */
export function publishPage(run: PublishRun): Content {
  const { success, recording, result } = run;
  const assets = result?.destinations ?? [];
  const byId = new Map(assets.map((asset) => [asset.id, asset]));
  const aboutOf = ({ id }: RecordedItem) => {
    const asset = byId.get(id);
    return asset === undefined ? {} : { where: targetName(asset) };
  };
  const { totals } = result ?? {};
  const facts: Fact[] = [
    ...targetFacts(assets),
    ...runFacts(run, result?.release),
    ...(totals === undefined ? [] : [['Sent', bytes(totals.bytesUploaded)] as const]),
  ];
  return runPage(run, success ? 'done' : 'failed', facts, [
    ...failuresSection(run),
    ...assetsSection(assets),
    ...timelineSection(recording, aboutOf, 'asset'),
    ...requestsSection(run),
    ...messagesSection(run),
  ]);
}

/** Where an asset goes, without the part that is its own. */
function placeOf(asset: Asset): string {
  return asset.kind === 'file' ? asset.bucket : asset.repository;
}

function assetsSection(assets: readonly Asset[]): Section[] {
  if (assets.length === 0) return [];
  const numberOf = (kind: string) => assets.filter(({ outcome }) => kindOf(outcome) === kind).length;
  const kinds = [
    ['failed', 'failed or skipped', numberOf('failed')],
    ['changed', 'uploaded', numberOf('changed')],
    ['unchanged', 'unchanged', numberOf('unchanged')],
  ] as const;
  const groups = Map.groupBy(assets, (asset) => JSON.stringify([placeOf(asset), targetName(asset)]));
  const body = [
    filtersOf('list-assets', kinds, 'assets'),
    html`<div id="list-assets">
      ${[...groups].map(([key, those]) => {
        const [place, where] = JSON.parse(key) as [string, string];
        return groupOf(place, where, those);
      })}
    </div>`,
  ];
  return [{ id: 'assets', title: 'Assets', body }];
}

function groupOf(place: string, where: string, assets: readonly Asset[]): Html {
  const rank = ({ outcome }: Asset) => ['failed', 'changed', 'unchanged'].indexOf(kindOf(outcome));
  const size = ({ bytes: number = 0 }: Asset) => number;
  const sorted = assets.toSorted((a, b) => rank(a) - rank(b) || size(b) - size(a));
  const unchanged = sorted.filter(({ outcome }) => outcome === 'unchanged');
  const others = sorted.filter(({ outcome }) => outcome !== 'unchanged');
  const what = `in ${place}, ${where}`;
  return html`<div data-group>
    <h3>${name(place)} <small>${where}</small> <small>${count(assets.length, 'asset')}</small></h3>
    ${others.length > 0 && tableOf(others, what)}
    ${unchanged.length > 0 && fold(`${unchanged.length} unchanged`, tableOf(unchanged, `unchanged ${what}`))}
  </div> `;
}

function tableOf(assets: readonly Asset[], what: string): Html {
  return table(['Asset', 'Outcome', { number: 'Size' }, { number: 'Sent' }, { number: 'Time' }], assets.map(assetRow), {
    wide: true,
    caption: `Assets ${what}`,
  });
}

function assetRow(asset: Asset): Html {
  const { label, outcome, detail, bytes: size, seconds, stacks } = asset;
  const where = asset.kind === 'file' ? asset.key : `tag ${asset.tag}`;
  const isSent = outcome === 'uploaded' || outcome === 'replaced';
  const sent = isSent ? ((asset.kind === 'image' ? asset.bytesSent : undefined) ?? size) : undefined;
  const obtained = asset.kind === 'image' && asset.obtained !== undefined && `, ${asset.obtained}`;
  const why = outcome !== 'failed' && detail !== undefined && html`<br /><small class="dim">${detail}</small>`;
  return html`<tr data-kind="${kindOf(outcome)}">
    <th scope="row">${name(label)}<br /><small class="dim">${code(where)}; for ${stacksOf(stacks)}</small></th>
    <td>${outcomeBadge(outcome)}${obtained}${why}</td>
    <td class="number" data-of="size">${size !== undefined && bytes(size)}</td>
    <td class="number" data-of="sent">${sent !== undefined && bytes(sent)}</td>
    <td class="number" data-of="time">${duration(seconds * 1000)}</td>
  </tr> `;
}

/** Stacks that are named for an asset. */
const NAMED = 3;

function stacksOf(stacks: readonly string[]): string {
  const more = stacks.length > NAMED ? ` and ${stacks.length - NAMED} more` : '';
  return stacks.slice(0, NAMED).join(', ') + more;
}
