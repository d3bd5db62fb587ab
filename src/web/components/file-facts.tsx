/** What a file is: its sign, and in words what a list shows beside its name. */
import {
  IconArrowForwardUp,
  IconCpu,
  IconFile,
  IconFolder,
  IconLink,
  IconTransferIn,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { File } from '../../hub-api/types.ts';

const icons: Readonly<Record<File['kind'], typeof IconFile>> = {
  file: IconFile,
  directory: IconFolder,
  symlink: IconArrowForwardUp,
  link: IconLink,
  character: IconCpu,
  block: IconCpu,
  fifo: IconTransferIn,
};

export function FileIcon({ kind }: { readonly kind: File['kind'] }) {
  const { t } = useTranslation();
  const Icon = icons[kind];
  return (
    <Icon
      size={17}
      stroke={1.6}
      className={`file-icon file-${kind}`}
      role="img"
      aria-label={t(`files.kinds.${kind}`)}
    />
  );
}

/** As `ls -l` writes it: `rwxr-xr-x`. */
export function modeText(mode: number): string {
  const letters = (bits: number, special: boolean, mark: string): string => {
    const last = bits & 1 ? (special ? mark : 'x') : special ? mark.toUpperCase() : '-';
    return (bits & 4 ? 'r' : '-') + (bits & 2 ? 'w' : '-') + last;
  };
  return (
    letters(mode >> 6, (mode & 0o4000) !== 0, 's') +
    letters(mode >> 3, (mode & 0o2000) !== 0, 's') +
    letters(mode, (mode & 0o1000) !== 0, 't')
  );
}
