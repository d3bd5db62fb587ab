/** `cais port`: which of the host's ports lead to a container's. */
import { pathOf } from '../../../engine-api/client.ts';
import type { ContainerInspectResponse, PortBinding } from '../../../engine-api/types.ts';
import { InvalidError, NotFoundError } from '../../../lib/errors.ts';
import { between, defineCommand } from '../../command.ts';

export const port = defineCommand({
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  aliases: ['container port', 'port'],
  flags: {},
  count: between(1, 2),
  completes: 'running',
  run: async ({ context, args: [name = '', asked] }) => {
    const found = await context.engine.get<ContainerInspectResponse>(`/containers/${pathOf(name)}/json`);
    const ports = Object.entries(found.NetworkSettings?.Ports ?? {});
    if (asked === undefined) {
      const lines = ports.flatMap(([from, to]) =>
        (to ?? []).map((each) => `${from} -> ${formatBinding(each)}\n`),
      );
      await context.out.write(lines.toSorted(byPort).join(''));
      return;
    }
    const wanted = normalize(asked);
    const bindings = ports.find(([from]) => from === wanted)?.[1] ?? [];
    if (bindings.length === 0) {
      throw new NotFoundError(`Error: No public port '${asked}' published for ${name}`);
    }
    await context.out.write(bindings.map((each) => `${formatBinding(each)}\n`).join(''));
  },
});

function formatBinding({ HostIp: ip = '', HostPort: port = '' }: PortBinding): string {
  return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`;
}

function byPort(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || (a < b ? -1 : Number(a > b));
}

function normalize(text: string): string {
  const [number = '', protocol = 'tcp'] = text.split('/');
  if (/^\d{1,5}$/.test(number) && Number(number) <= 65_535)
    return `${Number(number)}/${protocol.toLowerCase()}`;
  throw new InvalidError(`Error: invalid port (${text})`);
}
