/** The columns of `ps`, their headings and how their values are shown. */
import type { ContainerSummary, Port } from '../../../engine-api/types.ts';
import type { Listing } from '../../format.ts';
import { ellipsis, formatAge, formatSize, formatTime, shortId } from '../../human.ts';

export interface Shown {
  /** --no-trunc */
  readonly isWhole: boolean;
  readonly showsSize: boolean;
}

const base = '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}\t{{.Names}}';

export function containerListing({ isWhole, showsSize }: Shown): Listing<ContainerSummary> {
  return {
    typeName: '*formatter.ContainerContext',
    isTried: true,
    table: showsSize ? `${base}\t{{.Size}}` : base,
    columns: {
      ID: { heading: 'CONTAINER ID', value: ({ Id = '' }) => (isWhole ? Id : shortId(Id)) },
      Names: { heading: 'NAMES', value: ({ Names }) => formatNames(Names ?? [], isWhole) },
      Image: { heading: 'IMAGE', value: (container) => formatImage(container, isWhole) },
      Command: {
        heading: 'COMMAND',
        value: ({ Command = '' }) => JSON.stringify(isWhole ? Command : ellipsis(Command, 20)),
      },
      CreatedAt: { heading: 'CREATED AT', value: ({ Created }) => formatTime(Created ?? 0) },
      RunningFor: { heading: 'CREATED', value: ({ Created }) => formatAge(Created ?? 0) },
      Ports: { heading: 'PORTS', value: ({ Ports }) => formatPorts(Ports ?? []) },
      State: { heading: 'STATE', value: ({ State }) => State ?? '' },
      Status: { heading: 'STATUS', value: ({ Status }) => Status ?? '' },
      Size: { heading: 'SIZE', value: formatSizes },
      Labels: { heading: 'LABELS', value: ({ Labels }) => formatLabels(Labels ?? {}) },
      Label: {
        heading: '',
        value:
          ({ Labels }) =>
          (name: unknown) =>
            Labels?.[String(name)] ?? '',
        inJson: false,
      },
      LocalVolumes: {
        heading: 'LOCAL VOLUMES',
        value: ({ Mounts }) => String((Mounts ?? []).filter(({ Driver }) => Driver === 'local').length),
      },
      Mounts: {
        heading: 'MOUNTS',
        value: ({ Mounts }) =>
          (Mounts ?? []).map(({ Name, Source }) => shorten(Name || Source || '', isWhole)).join(','),
      },
      Networks: {
        heading: 'NETWORKS',
        value: ({ NetworkSettings }) =>
          Object.keys(NetworkSettings?.Networks ?? {})
            .toSorted()
            .join(','),
      },
      Platform: { heading: 'PLATFORM', value: () => null },
    },
  };
}

function shorten(text: string, isWhole: boolean): string {
  return isWhole ? text : ellipsis(text, 15);
}

/** Without --no-trunc a container's own name only, not those it has by links. */
function formatNames(names: readonly string[], isWhole: boolean): string {
  const stripped = names.map((name) => name.replace(/^\//, ''));
  const own = isWhole ? stripped : stripped.filter((name) => !name.includes('/'));
  return own.join(',');
}

/** An image that has lost its name shows its id. */
function formatImage({ Image = '', ImageID = '' }: ContainerSummary, isWhole: boolean): string {
  if (Image === '') return '<no image>';
  if (isWhole) return Image;
  if (shortId(Image) === shortId(ImageID)) return shortId(ImageID);
  return Image.replace(/@sha256:[0-9a-f]{64}$/, '');
}

function formatSizes({ SizeRw = 0, SizeRootFs = 0 }: ContainerSummary): string {
  const own = formatSize(SizeRw ?? 0);
  return (SizeRootFs ?? 0) > 0 ? `${own} (virtual ${formatSize(SizeRootFs ?? 0)})` : own;
}

function formatLabels(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}=${value}`)
    .toSorted()
    .join(',');
}

/** `0.0.0.0:80->80/tcp`, neighbours joined: `8000-8002/tcp`. */
function formatPorts(ports: readonly Port[]): string {
  const sorted = ports.toSorted(comparePorts);
  const groups: Port[][] = [];
  for (const port of sorted) {
    const group = groups.at(-1);
    const last = group?.at(-1);
    if (group && last && isNext(last, port)) group.push(port);
    else groups.push([port]);
  }
  return groups.map(formatGroup).join(', ');
}

function comparePorts(a: Port, b: Port): number {
  return (
    (a.PrivatePort ?? 0) - (b.PrivatePort ?? 0) ||
    compareText(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    compareText(a.Type ?? '', b.Type ?? '')
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function isNext(before: Port, after: Port): boolean {
  const isPublished = before.PublicPort !== undefined && before.PublicPort > 0;
  return (
    before.IP === after.IP &&
    before.Type === after.Type &&
    (before.PrivatePort ?? 0) + 1 === after.PrivatePort &&
    (!isPublished || (before.PublicPort === before.PrivatePort && after.PublicPort === after.PrivatePort))
  );
}

function formatGroup(group: readonly Port[]): string {
  const [first] = group;
  const last = group.at(-1);
  if (!first || !last) return '';
  const span = (from = 0, to = 0) => (from === to ? String(from) : `${from}-${to}`);
  const inside = `${span(first.PrivatePort, last.PrivatePort)}/${first.Type ?? 'tcp'}`;
  if (first.PublicPort === undefined || first.PublicPort === 0) return inside;
  const ip = first.IP ?? '';
  const address = ip.includes(':') ? `[${ip}]` : ip;
  return `${address === '' ? '' : `${address}:`}${span(first.PublicPort, last.PublicPort)}->${inside}`;
}
