/**
 * Does a pull get slower with what the hub holds? Both hubs are asked in turn for images of which hardly any is asked for twice:
 * a token, the manifest by its tag, a layer.
 */
import { CorruptError } from '../../src/lib/errors.ts';
import { mediaTypes } from '../../src/oci/image/media-type.ts';
import { type Question, type Row, summarize } from '../support/measure.ts';
import { fullSize, type MillionHub } from './million-hubs.ts';
import { pathOf, tagOf } from './million-repositories.ts';
import { randomFrom } from './many-repositories.ts';

const rounds = 9;
const millisecondsOfRound = 3000;
const connections = 2;
const target = 2;
const steps = ['token', 'manifest by tag', 'layer', 'all of it'] as const;

type Times = Record<(typeof steps)[number], number[]>;

const name = `PostgreSQL with ${fullSize} repositories: a pull, p99`;

export const millionQuestions: readonly Question<readonly MillionHub[]>[] = [{ name, target, ask: askPulls }];

/** One round does not count. */
async function askPulls(hubs: readonly MillionHub[]): Promise<Row[]> {
  const rows: Row[] = [];
  const slowest = new Map(hubs.map((hub) => [hub.name, emptyTimes()]));
  for (let round = -1; round < rounds; round++) {
    for (const hub of hubs) {
      const times = await pullForAWhile(hub, round);
      if (round >= 0) for (const step of steps) slowest.get(hub.name)?.[step].push(p99Of(times[step]));
    }
  }
  for (const step of steps) {
    for (const [hub, times] of slowest) rows.push(summarize(`a pull: ${step}`, hub, 'ms', times[step]));
  }
  return rows;
}

async function pullForAWhile(hub: MillionHub, round: number): Promise<Times> {
  const random = randomFrom(round + 2);
  const times = emptyTimes();
  const end = performance.now() + millisecondsOfRound;
  const client = async (): Promise<void> => {
    while (performance.now() < end) await pullOne(hub, random, times);
  };
  await Promise.all(Array.from({ length: connections }, client));
  return times;
}

async function pullOne(
  { url, repositories, layer }: MillionHub,
  random: () => number,
  times: Times,
): Promise<void> {
  const path = pathOf(Math.floor(repositories * random()));
  const begun = performance.now();
  const asked = await fetch(`${url}/token?service=bench&scope=repository:${path}:pull`);
  const { token } = (await asked.json()) as { token: string };
  const authorized = performance.now();
  const headers = { Authorization: `Bearer ${token}`, Accept: mediaTypes.ociManifest };
  const tag = tagOf(Math.floor(10 * random()));
  await read(await fetch(`${url}/v2/${path}/manifests/${tag}`, { headers }));
  const found = performance.now();
  await read(await fetch(`${url}/v2/${path}/blobs/${layer.digest}`, { headers }));
  const ended = performance.now();
  times.token.push(authorized - begun);
  times['manifest by tag'].push(found - authorized);
  times.layer.push(ended - found);
  times['all of it'].push(ended - begun);
}

async function read(response: Response): Promise<void> {
  await response.arrayBuffer();
  if (response.status !== 200)
    throw new CorruptError(`cannot measure: ${response.status} for ${response.url}`);
}

function emptyTimes(): Times {
  return { token: [], 'manifest by tag': [], layer: [], 'all of it': [] };
}

function p99Of(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? Number.NaN;
}
