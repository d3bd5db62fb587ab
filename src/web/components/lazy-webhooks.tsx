/** Webhooks, which few settings are opened for: they come when their part of the page is shown. */
import { Skeleton } from '@mantine/core';
import { loadLater } from './load-later.tsx';

export const LazyWebhooks = loadLater(
  async () => (await import('./webhooks.tsx')).Webhooks,
  <Skeleton height={160} />,
);
