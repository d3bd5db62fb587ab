/** A volume's file system on its directory, by mount-child.ts; errors as docker words them. */
import { constants } from 'node:os';
import { getSystemErrorMap } from 'node:util';
import { UnavailableError, messageOf } from '../../lib/errors.ts';
import { run } from '../../lib/subprocess.ts';
import { detach } from '../linux/mount.ts';
import { isMountPoint } from '../linux/mount-info.ts';
import { parseMountOptions } from '../linux/mount-options.ts';
import type { VolumeSource } from './driver-options.ts';
import type { MountReport, VolumeMount } from './mount-child.ts';
import { resolvedSource } from './network-source.ts';

/** @param self the argv that starts this very program. @throws UnavailableError */
export async function mountVolume(
  self: readonly string[],
  source: VolumeSource,
  target: string,
): Promise<void> {
  try {
    const request = { ...(await resolvedSource(source)), target };
    if (request.device === '') throw new UnavailableError('missing device in volume options');
    await mountInChild(self, request);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new UnavailableError(`error while mounting volume '${target}': ${reason}`, { cause });
  }
}

async function mountInChild(self: readonly string[], request: VolumeMount): Promise<void> {
  const { stdout, stderr } = await run([...self, '@mount'], { input: JSON.stringify(request) });
  const report = parseReport(stdout);
  if (!report) {
    throw new UnavailableError(`failed to mount local volume: ${stderr.trim() || 'its process was killed'}`);
  }
  if (report.code !== undefined) {
    throw new UnavailableError(
      `failed to mount local volume: ${describe(request)}: ${errorText(report.code)}`,
    );
  }
}

function parseReport(text: string): MountReport | undefined {
  return text === '' ? undefined : (JSON.parse(text) as MountReport);
}

/** The call, without the password. */
function describe({ device, target, options }: VolumeMount): string {
  const { flags, data } = parseMountOptions(options);
  const shown = data.replace(/(^|,)password=[^,]*/, '$1password=********');
  return [
    `mount ${device}:${target}`,
    ...(flags === 0 ? [] : [`flags: 0x${flags.toString(16)}`]),
    ...(shown === '' ? [] : [`data: ${shown}`]),
  ].join(', ');
}

/** The C library's text, as Go has it: `no such device`. */
function errorText(code: string): string {
  const number = (constants.errno as Readonly<Record<string, number>>)[code];
  const [, text] = getSystemErrorMap().get(-(number ?? 0)) ?? [];
  return text ?? code;
}

/** Also one that lies several times there, and one whose server is gone. Idempotent. */
export function unmountVolume(target: string): void {
  while (isMountPoint(target)) detach(target);
}
