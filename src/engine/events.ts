/**
 * What happened in the engine: published by the verbs, kept in a ring for `since`, streamed by GET /events.
 * https://docs.docker.com/reference/api/engine/version/v1.50/#tag/System/operation/SystemEvents
 */
import type { EventMessage } from '../engine-api/types.ts';
import type { Filters } from '../engine-api/filters.ts';

/** Docker keeps 256; ours are small. */
const ringSize = 1024;

/** `status`, `id` and `from` are for clients older than the Type/Action form. */
export type EngineEvent = EventMessage & {
  readonly status?: string;
  readonly id?: string;
  readonly from?: string;
  readonly timeNano: number;
};

export type EventType = 'container' | 'image' | 'network' | 'volume' | 'daemon' | 'builder';

export class EventLog {
  readonly #ring: EngineEvent[] = [];
  readonly #listeners = new Set<(event: EngineEvent) => void>();
  /** Clients, of the listeners: parts of the engine listen, too. */
  #clients = 0;
  #published = 0;

  publish(type: EventType, action: string, id: string, attributes: Record<string, string> = {}): void {
    const milliseconds = performance.timeOrigin + performance.now();
    const event: EngineEvent = {
      ...(type === 'container' || type === 'image' ? { status: action, id } : {}),
      ...(type === 'container' && attributes['image'] !== undefined ? { from: attributes['image'] } : {}),
      Type: type,
      Action: action,
      Actor: { ID: id, Attributes: attributes },
      scope: 'local',
      time: Math.floor(milliseconds / 1000),
      timeNano: Math.floor(milliseconds * 1000) * 1000,
    };
    this.#published++;
    this.#ring.push(event);
    if (this.#ring.length > ringSize) this.#ring.shift();
    for (const listener of this.#listeners) listener(event);
  }

  /** Events kept since then, oldest first. @param since seconds; a fraction counts. */
  since(since: number): EngineEvent[] {
    return this.#ring.filter((event) => event.timeNano / 1e9 >= since);
  }

  /** How many there were since this engine began. */
  get published(): number {
    return this.#published;
  }

  /** How many clients listen. */
  get clients(): number {
    return this.#clients;
  }

  /** Calls `listener` for each event until the returned function is called. */
  subscribe(listener: (event: EngineEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The same for a client, which `info` counts. */
  subscribeClient(listener: (event: EngineEvent) => void): () => void {
    const unsubscribe = this.subscribe(listener);
    this.#clients++;
    return () => {
      unsubscribe();
      this.#clients--;
    };
  }
}

export const eventFilters = [
  'config',
  'container',
  'daemon',
  'event',
  'image',
  'label',
  'network',
  'node',
  'plugin',
  'scope',
  'secret',
  'service',
  'type',
  'volume',
] as const;

/** True when the event passes every filter; the values of one filter are alternatives, those of `label` are not. */
export function matchesFilters(event: EngineEvent, filters: Filters): boolean {
  return [...filters].every(([name, values]) => {
    if (values.length === 0) return true;
    const test = (value: string): boolean => matches(event, name, value);
    return name === 'label' ? values.every(test) : values.some(test);
  });
}

function matches(event: EngineEvent, name: string, value: string): boolean {
  const attributes = event.Actor?.Attributes ?? {};
  switch (name) {
    case 'type':
      return event.Type === value;
    case 'scope':
      return event.scope === value;
    case 'event':
      return event.Action === value || event.Action?.split(':')[0] === value;
    case 'label':
      return matchesLabel(attributes, value);
    case 'image':
      return isImage(event, value);
    default:
      // The beginning is enough, of an id and of a name.
      return (
        event.Type === name &&
        [event.Actor?.ID, attributes['name']].some((text) => text?.startsWith(value) === true)
      );
  }
}

function matchesLabel(attributes: Record<string, string>, value: string): boolean {
  const equals = value.indexOf('=');
  if (equals === -1) return attributes[value] !== undefined;
  return attributes[value.slice(0, equals)] === value.slice(equals + 1);
}

/** Of an image's own events its id or name, of a container's the image it runs; with or without the tag. */
function isImage(event: EngineEvent, value: string): boolean {
  const attributes = event.Actor?.Attributes ?? {};
  const names = event.Type === 'image' ? [event.Actor?.ID, attributes['name']] : [attributes['image']];
  return names.some((name) => name === value || name?.replace(/:[^:/]*$/, '') === value);
}
