/** The README's renderer, which most pages do without: it comes when there is something to render. */
import { Skeleton } from '@mantine/core';
import { loadLater } from './load-later.tsx';

export const LazyReadme = loadLater(
  async () => (await import('./readme.tsx')).Readme,
  <Skeleton height={160} />,
);
