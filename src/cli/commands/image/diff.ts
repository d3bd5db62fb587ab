/** `cais diff IMAGE IMAGE`: what the second has changed, added and deleted, then how their configurations differ. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ImageChangesLine } from '../../../engine-api/image-changes.ts';
import type { ImageInspect } from '../../../engine-api/types.ts';
import type { CliContext } from '../../context.ts';
import { letterOf, pathOfChange, readChanges } from '../../file-change.ts';
import { printable } from '../../printable.ts';

export async function diffImages({ engine, out }: CliContext, before: string, after: string): Promise<void> {
  const [old, now] = await Promise.all([inspect(before), inspect(after)]);
  const path = `/cais/images/${pathOf(after)}/changes`;
  for await (const { Change } of readChanges<ImageChangesLine>(engine, path, { from: before })) {
    await out.write(`${letterOf(Change)} ${pathOfChange(Change)}\n`);
    if (out.isClosed) return;
  }
  const lines = compareSettings(settingsOf(old), settingsOf(now));
  if (lines.length > 0) await out.write(`\nConfiguration:\n${lines.join('')}`);

  function inspect(name: string): Promise<ImageInspect> {
    return engine.get<ImageInspect>(`/images/${pathOf(name)}/json`);
  }
}

/** Each setting by its name, as text; what is not set is left out. */
function settingsOf({
  Config: config,
  Author,
  Os,
  Architecture,
  Variant,
}: ImageInspect): Map<string, string> {
  const { Env: env, Labels: labels, ...others } = config ?? {};
  const settings = Object.entries({
    Platform: [Os, Architecture, Variant].filter(Boolean).join('/'),
    Author,
  });
  for (const [name, value] of Object.entries(others)) settings.push([name, textOf(value)]);
  for (const [name, value] of Object.entries(labels ?? {})) settings.push([`Label ${name}`, value]);
  for (const entry of env ?? []) {
    const [name = '', ...value] = entry.split('=');
    settings.push([`Env ${name}`, value.join('=')]);
  }
  return new Map(settings.flatMap(([name, value]) => (value ? [[name, value] as const] : [])));
}

/** '' for docker's empty values, which mean what a missing one does. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const isEmpty = value === false || value === 0 || value === undefined || value === null;
  if (isEmpty || (typeof value === 'object' && Object.keys(value).length === 0)) return '';
  return JSON.stringify(value);
}

function compareSettings(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): string[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].toSorted();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    if (old === now) return [];
    return [
      ...(old === undefined ? [] : [`- ${printable(`${name}=${old}`)}\n`]),
      ...(now === undefined ? [] : [`+ ${printable(`${name}=${now}`)}\n`]),
    ];
  });
}
