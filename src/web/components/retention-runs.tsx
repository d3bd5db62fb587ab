/** The runs of a policy, the latest first, with the names of what went. */
import { Alert, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Retention } from '../../hub-api/types.ts';
import { useFormat } from '../text/format.ts';
import { RelativeTime } from './relative-time.tsx';

interface RunsProps {
  readonly runs: Retention['runs'];
}

/** Of the names of what went. */
const shown = 12;

export function RetentionRuns({ runs }: RunsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  if (runs.length === 0) return null;
  return (
    <div>
      <Title order={3} size="h6" mb="xs">
        {t('garbage.last')}
      </Title>
      <ul className="rows card" aria-label={t('garbage.last')}>
        {runs.map((run) => (
          <li key={run.id} className="row row-small">
            <Text size="sm" fw={600}>
              {t('retention.did', {
                removed: format.number(run.tags),
                untagged: format.number(run.manifests),
                kept: format.number(run.kept),
              })}
            </Text>
            <Text size="xs" c="dimmed">
              <RelativeTime time={run.started_at} /> · {t(`garbage.causes.${run.cause}`, { who: run.by })}
              {run.ended_at === null && ` · ${t('retention.running')}`}
            </Text>
            {run.removed.length > 0 && (
              <Text size="xs" className="mono">
                {run.removed.slice(0, shown).join(', ')}
                {run.tags > shown && ', …'}
              </Text>
            )}
            {run.failure !== null && (
              <Alert color="red" variant="light" mt="xs">
                <bdi>{run.failure}</bdi>
              </Alert>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}
