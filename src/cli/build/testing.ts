/** A build as the engine tells it, for tests: times in seconds after its begin. */
import type { BuildEvent, BuildStep } from '../../engine-api/build.ts';
import { BuildModel } from './model.ts';

export const begin = Date.parse('2026-11-26T12:00:00.000Z');

function at(seconds: number): string {
  return new Date(begin + seconds * 1000).toISOString();
}

export function steps(...names: readonly string[]): BuildEvent {
  const known = names.map((name, id): BuildStep => ({ id, name, stage: '', text: name }));
  return { type: 'steps', steps: known };
}

export function started(step: number, seconds: number): BuildEvent {
  return { type: 'started', step, at: at(seconds) };
}

export function log(step: number, text: string): BuildEvent {
  return { type: 'log', step, stream: 'stdout', text };
}

export function done(
  step: number,
  seconds: number,
  more: { cached?: boolean; error?: string; canceled?: true } = {},
): BuildEvent {
  return { type: 'done', step, at: at(seconds), cached: false, ...more };
}

/** A model that has seen these, each at its time: of our clock, which agrees with the engine's. */
export function modelOf(
  ...events: readonly (BuildEvent | readonly [BuildEvent, seconds: number])[]
): BuildModel {
  const model = new BuildModel();
  let now = begin;
  for (const each of events) {
    const [event, seconds] = Array.isArray(each)
      ? (each as [BuildEvent, number])
      : [each as BuildEvent, undefined];
    if (seconds !== undefined) now = begin + seconds * 1000;
    else if ('at' in event) now = Date.parse(event.at);
    model.apply(event, now);
  }
  return model;
}
