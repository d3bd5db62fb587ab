/**
 * What limits a hub of many copies, on paper: each part serves what its processors (or its bytes, or its one lock) can do in a second
 * divided by what a pull takes of it; the least of these is what the hub does. Service demands are measured ones.
 * https://en.wikipedia.org/wiki/Utilization_law
 */

/** In seconds of a processor, or of the lock. */
interface Demand {
  /** Of how many copies the one that was measured was one. */
  readonly copies: number;
  readonly copy: number;
  readonly database: number;
  readonly lock: number;
}

export interface Demands {
  /** Of a pull, by ascending number of copies. */
  readonly pull: readonly Demand[];
  /** Of a message between copies. */
  readonly hear: number;
  readonly say: number;
  readonly deliver: number;
}

export interface Machines {
  readonly databaseCores: number;
  /** Bytes in a second. */
  readonly store: number;
  readonly bytesOfPull: number;
}

export const parts = ['copies', 'database', 'lock', 'store'] as const;
export type Part = (typeof parts)[number];
/** Without the store, which a pull needs only for layers that its client does not have. */
const ofHub = ['copies', 'database', 'lock'] as const;

/** Each copy says ten messages in a second at most, when it is asked for tokens all the time. */
const messagesOfCopy = 10;

/** Pulls in a second at which each part is busy all the time. A copy has one core: its requests are one thread's. */
export function limitsOf(demands: Demands, machines: Machines, copies: number): Record<Part, number> {
  const pull = demandAt(demands.pull, copies);
  const said = messagesOfCopy * copies;
  const ofDatabase = said * (demands.say + demands.deliver * copies);
  const ofCopy = messagesOfCopy * (copies - 1) * demands.hear;
  return {
    copies: Math.max(0, (copies * (1 - ofCopy)) / pull.copy),
    database: Math.max(0, (machines.databaseCores - ofDatabase) / pull.database),
    lock: 1 / pull.lock,
    store: machines.store / machines.bytesOfPull,
  };
}

/** What of the hub saturates first. */
export function leastOf(limits: Record<Part, number>): Part {
  return ofHub.toSorted((one, other) => limits[one] - limits[other])[0] ?? 'copies';
}

/** Between numbers of copies that were measured a line over their logarithm. */
function demandAt(measured: readonly Demand[], copies: number): Demand {
  const above = measured.find((demand) => demand.copies >= copies) ?? measured.at(-1);
  const below = measured.findLast((demand) => demand.copies <= copies) ?? measured[0];
  if (!above || !below) throw new RangeError('nothing was measured');
  const span = Math.log(above.copies / below.copies);
  const part = span === 0 ? 0 : Math.log(copies / below.copies) / span;
  const between = (of: (demand: Demand) => number): number => of(below) + part * (of(above) - of(below));
  return {
    copies,
    copy: between(({ copy }) => copy),
    database: between(({ database }) => database),
    lock: between(({ lock }) => lock),
  };
}

/** Seconds that a pull takes when the hub does this share of what it can, without the bytes: M/M/c of copies and database in a row. */
export function responseAt(demands: Demands, machines: Machines, copies: number, share: number): number {
  const limits = limitsOf(demands, machines, copies);
  const rate = share * limits[leastOf(limits)];
  const pull = demandAt(demands.pull, copies);
  // Each copy has a queue of its own; what is asked of the database any of its cores does.
  const atCopy = queued(pull.copy, 1, rate / limits.copies);
  return atCopy + queued(pull.database, machines.databaseCores, rate / limits.database);
}

/** Sakasegawa's approximation of the time in an M/M/c queue. https://doi.org/10.1007/BF02868576 */
function queued(service: number, servers: number, utilization: number): number {
  return service * (1 + utilization ** (Math.sqrt(2 * (servers + 1)) - 1) / (servers * (1 - utilization)));
}
