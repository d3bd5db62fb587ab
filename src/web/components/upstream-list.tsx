/** The registries that images are taken from, and how each of them is. */
import { Badge, Group, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Cache } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';
import { RelativeTime } from './relative-time.tsx';

type Upstream = Cache['upstreams'][number];

const colors = { unknown: 'gray', reachable: 'green', away: 'red', limited: 'yellow' } as const;

export function UpstreamList({ upstreams }: { readonly upstreams: readonly Upstream[] }) {
  const { t } = useTranslation();
  return (
    <section>
      <Title order={2} size="h4" mb="sm">
        {t('cache.upstreams')}
      </Title>
      <ul className="rows card" aria-label={t('cache.upstreams')}>
        {upstreams.map((upstream) => (
          <li key={upstream.name} className="row row-small">
            <UpstreamRow upstream={upstream} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function UpstreamRow({ upstream }: { readonly upstream: Upstream }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, address, state, until, remaining, last_error: error, running, waiting } = upstream;
  return (
    <>
      <Group gap="xs">
        <Text fw={600}>{name}</Text>
        <Badge color={colors[state]} variant="light" tt="none">
          {t(`cache.states.${state}`)}
        </Badge>
        {upstream.has_credentials && (
          <Badge variant="default" tt="none">
            {t('cache.credentials')}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {address}
        {remaining !== null && ` · ${t('cache.remaining', { formatted: format.number(remaining) })}`}
        {running + waiting > 0 &&
          ` · ${t('cache.transfers', { running: format.number(running), waiting: format.number(waiting) })}`}
        {until !== null && (
          <>
            {' · '}
            {t('cache.until')} <RelativeTime time={until} />
          </>
        )}
      </Text>
      {error && (
        <Text size="xs" c={state === 'reachable' ? 'dimmed' : 'red'} style={{ overflowWrap: 'anywhere' }}>
          {t('cache.lastError')} (<RelativeTime time={error.at} />
          ): <bdi>{error.reason}</bdi>
        </Text>
      )}
    </>
  );
}
