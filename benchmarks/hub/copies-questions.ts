/**
 * What does a second copy of the hub add? Client, copies and PostgreSQL share this machine's cores, so each copy gets a share of
 * one and no more: then a second copy has cores of its own, and what both share (the database) has the rest. The same without
 * shares tells what each of them takes of the processors, from which ../scaling.ts says what a machine with more cores gives.
 */
import { limitCpu } from '../support/cpu-quota.ts';
import { type PreparedRequest, sendLoad } from '../support/http-load.ts';
import { type Question, type Row, summarize } from '../support/measure.ts';
import { type CopiesField, stations } from './copies-field.ts';
import { measureMessages } from './copies-messages.ts';
import { preparePulls, requireBytes } from './copies-pull.ts';
import { measurePushes } from './copies-push.ts';
import { startLockWatch } from './lock-watch.ts';
import { pretendOthers } from './other-copies.ts';

interface Contestant {
  readonly name: string;
  readonly copies: number;
  /** That are not there, but write as copies do. */
  readonly others: number;
}

const target = 1.7;
const rounds = 5;
const seconds = 3;
/** Of a core, for each copy. */
const share = 0.25;
const connectionsOfCopy = 8;
const images = 2000;
const oneAndTwo: readonly Contestant[] = [
  { name: 'one copy', copies: 1, others: 0 },
  { name: 'cais', copies: 2, others: 0 },
];
const amongOthers: readonly Contestant[] = [
  ...oneAndTwo,
  { name: 'two of 10 copies', copies: 2, others: 8 },
  { name: 'two of 100 copies', copies: 2, others: 98 },
];

export const copiesQuestions: readonly Question<CopiesField>[] = [
  {
    name: `copies: pulls of ${images} images, each copy has ${share} of a core`,
    target,
    ask: async (field) => {
      await using stack = new AsyncDisposableStack();
      for (const { pid } of field.copies) stack.use(await limitCpu(pid, `cais-bench-${pid}`, share));
      return (await measurePulls(field, images, oneAndTwo)).filter(({ unit }) => unit === '/s');
    },
  },
  {
    name: `copies: pulls of ${images} images on all cores, and what each takes`,
    target,
    ask: (field) => measurePulls(field, images, amongOthers),
  },
  {
    name: 'copies: pulls of one image on all cores, and what each takes',
    target,
    ask: (field) => measurePulls(field, 1, amongOthers),
  },
  { name: 'copies: pushes of small images', target: 'be known', ask: measurePushes },
  { name: 'copies: messages between copies', target: 'be known', ask: measureMessages },
];

/** Rates, and what a pull takes: of processors, and of the lock of those who write. */
async function measurePulls(
  field: CopiesField,
  count: number,
  contestants: readonly Contestant[],
): Promise<Row[]> {
  await requireBytes(field);
  const pulls = await preparePulls(field, count);
  const samples = new Map<string, number[]>();
  let turn = 0;
  const next = (): readonly PreparedRequest[] => {
    turn += 1;
    return pulls[turn % pulls.length] ?? [];
  };
  for (let round = -1; round < rounds; round++) {
    for (const contestant of contestants) {
      const figures = await measureOnce(field, contestant, next);
      if (round < 0) continue;
      for (const [what, figure] of Object.entries(figures)) {
        const key = `${what}\n${contestant.name}`;
        samples.set(key, [...(samples.get(key) ?? []), figure]);
      }
    }
  }
  return [...samples].map(([key, figures]) => {
    const [what = '', name = ''] = key.split('\n');
    return summarize(`${what}, ${count} images`, name, what === 'pulls' ? '/s' : 'µs', figures);
  });
}

/** Pulls in a second, and microseconds for each. */
async function measureOnce(
  field: CopiesField,
  { copies, others }: Contestant,
  next: () => readonly PreparedRequest[],
): Promise<Record<string, number>> {
  await using stack = new AsyncDisposableStack();
  const lock = stack.use(await startLockWatch(field));
  if (others > 0) stack.use(await pretendOthers(field, others));
  const urls = field.copies.slice(0, copies).map(({ url }) => url);
  const before = await field.cpu();
  const { count, perSecond } = await sendLoad({
    urls,
    next,
    connections: connectionsOfCopy * copies,
    seconds,
  });
  const after = await field.cpu();
  return {
    pulls: perSecond,
    ...Object.fromEntries(
      stations.map((station) => [
        `${station}: of a processor`,
        (1000 * (after[station] - before[station])) / count,
      ]),
    ),
    'lock of writers': (1e6 * lock.share) / perSecond,
  };
}
