/**
 * Times what the database is asked: for the metrics, the trace of the request, and the log of what was slow. Statements are told of
 * by their text, which holds `?` or `$1` where values were; never by the values.
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Log } from '../../lib/log.ts';
import type { Statements } from '../db/statements.ts';
import type { Span } from '../tracing/span.ts';
import { currentSpan, requestFacts } from '../request-context.ts';

/** Of a statement in the log. */
const maxLength = 2000;
/** Shapes whose slow runs are counted: far more than the hub has. */
const maxShapes = 1000;
const kinds: ReadonlySet<string> = new Set([
  'select',
  'insert',
  'update',
  'delete',
  'begin',
  'commit',
  'rollback',
]);

export interface StatementWatchOptions {
  readonly metrics: Registry;
  readonly log: Log;
  /** `sqlite` or `postgresql`. */
  readonly system: string;
  /** In milliseconds; undefined: nothing is slow. */
  readonly slow: number | undefined;
}

export class StatementWatch implements Statements {
  readonly #options: StatementWatchOptions;
  readonly #seconds: Histogram<'kind'>;
  readonly #failures: Counter<'kind'>;
  readonly #slow: Counter;
  readonly #slowRuns = new Map<string, number>();
  /** By kind, looked up once. */
  readonly #series = new Map<string, Histogram.Internal<'kind'>>();

  constructor(options: StatementWatchOptions) {
    this.#options = options;
    const registers = [options.metrics];
    this.#seconds = new Histogram({
      name: 'cais_hub_database_statement_seconds',
      help: 'How long the database took for a statement, by its first word. What is answered from memory is not among them.',
      labelNames: ['kind'],
      buckets: [0.0002, 0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#failures = new Counter({
      name: 'cais_hub_database_failures_total',
      help: 'Statements that the database did not do, by their first word.',
      labelNames: ['kind'],
      registers,
    });
    this.#slow = new Counter({
      name: 'cais_hub_database_slow_statements_total',
      help: 'Statements that took as long as --slow-query says.',
      registers,
    });
  }

  async run<T>(text: string, work: () => Promise<T>): Promise<T> {
    const running = this.#begin(text);
    try {
      return await work();
    } catch (error) {
      running.fail(error);
      throw error;
    } finally {
      running.end();
    }
  }

  runNow<T>(text: string, work: () => T): T {
    const running = this.#begin(text);
    try {
      return work();
    } catch (error) {
      running.fail(error);
      throw error;
    } finally {
      running.end();
    }
  }

  #begin(text: string): { readonly fail: (error: unknown) => void; readonly end: () => void } {
    const kind = kindOf(text);
    const begun = performance.now();
    const span = this.#spanOf(kind, text);
    return {
      fail: (error) => {
        this.#failures.inc({ kind });
        span?.fail(error);
      },
      end: () => {
        const milliseconds = performance.now() - begun;
        this.#seriesOf(kind).observe(milliseconds / 1000);
        span?.end();
        if (milliseconds >= (this.#options.slow ?? Infinity)) this.#tellSlow(text, milliseconds);
      },
    };
  }

  #seriesOf(kind: string): Histogram.Internal<'kind'> {
    const known = this.#series.get(kind);
    if (known) return known;
    const series = this.#seconds.labels({ kind });
    this.#series.set(kind, series);
    return series;
  }

  #spanOf(kind: string, text: string): Span | undefined {
    return currentSpan()?.child(kind.toUpperCase(), 'client', {
      'db.system.name': this.#options.system,
      'db.query.text': shapeOf(text),
    });
  }

  #tellSlow(text: string, milliseconds: number): void {
    const shape = shapeOf(text);
    const times = (this.#slowRuns.get(shape) ?? 0) + 1;
    if (times > 1 || this.#slowRuns.size < maxShapes) this.#slowRuns.set(shape, times);
    this.#slow.inc();
    const facts = { ...requestFacts(), statement: shape, ms: Math.round(milliseconds), times };
    this.#options.log.warn(facts, 'slow statement');
  }
}

/** The first word, where it is one of a statement that the hub sends. */
function kindOf(text: string): string {
  const word = /^\W*(\w+)/.exec(text)?.[1]?.toLowerCase() ?? '';
  return kinds.has(word) ? word : 'other';
}

/** Without what may have been written into it: texts and numbers. */
function shapeOf(text: string): string {
  return text
    .slice(0, maxLength)
    .replaceAll(/'(?:[^']|'')*(?:'|$)/g, '?')
    .replaceAll(/(?<![\w$"])\d+(?:\.\d+)?/g, '?')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
