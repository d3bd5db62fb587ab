/** `GET /events`: the engine's events as they come, one JSON object a line; those of before where `since` asks. */
import { type Filters, parseFilters } from '../../engine-api/filters.ts';
import { InvalidError } from '../../lib/errors.ts';
import { parseTime } from '../containers/time.ts';
import { type EngineEvent, eventFilters, type EventLog, matchesFilters } from '../events.ts';
import type { ApiRequest, Route } from './route.ts';

/** A client that does not read is let go when this much waits for it. */
const longestQueue = 10_000;

export function eventRoutes(events: EventLog): Route[] {
  return [{ method: 'GET', path: '/events', handle: (request) => stream(events, request) }];
}

function stream(events: EventLog, { query, signal }: ApiRequest): Response {
  const filters = parseFilters(query.get('filters'), eventFilters);
  const since = timeOf(query, 'since');
  const until = timeOf(query, 'until');
  if (since !== undefined && until !== undefined && until < since) {
    throw new InvalidError(
      `\`since\` time (${query.get('since')}) cannot be after \`until\` time (${query.get('until')})`,
    );
  }
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => follow(events, controller, { filters, since, until, signal }),
  });
  return new Response(body, { headers: { 'Content-Type': 'application/json' } });
}

interface Wanted {
  readonly filters: Filters;
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly signal: AbortSignal;
}

function follow(
  events: EventLog,
  controller: ReadableStreamDefaultController<Uint8Array>,
  { filters, since, until, signal }: Wanted,
): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isEnded = false;
  const send = (event: EngineEvent): void => {
    if (isEnded || !matchesFilters(event, filters)) return;
    if (until !== undefined && event.timeNano / 1e9 > until) return;
    controller.enqueue(new TextEncoder().encode(`${JSON.stringify(event)}\n`));
    if ((controller.desiredSize ?? 0) < -longestQueue) end();
  };
  const unsubscribe = events.subscribeClient(send);
  const end = (): void => {
    if (isEnded) return;
    isEnded = true;
    unsubscribe();
    clearTimeout(timer);
    controller.close();
  };
  signal.addEventListener('abort', end, { once: true });
  // As docker has it, an end alone also asks for what has been.
  if (since !== undefined || until !== undefined) for (const event of events.since(since ?? 0)) send(event);
  if (until !== undefined) endAt(until * 1000);

  function endAt(moment: number): void {
    const left = moment - Date.now();
    if (left <= 0) end();
    // A timer holds 31 bits; what is longer is waited for in parts.
    else timer = setTimeout(() => endAt(moment), Math.min(left, 2 ** 31 - 1));
  }
}

function timeOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  return text === null || text === '' ? undefined : parseTime(text);
}
