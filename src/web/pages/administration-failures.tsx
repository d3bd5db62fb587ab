/** The last requests that failed by a fault of the hub. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Failure } from '../components/failure.tsx';
import { RelativeTime } from '../components/relative-time.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import { useFailures } from '../hub/system.ts';

export function AdministrationFailures() {
  const { t } = useTranslation();
  const failures = useFailures();
  if (failures.isPending) return <ListSkeleton />;
  if (isFailed(failures)) return <Failure error={failures.error} retry={failures.refetch} />;
  const { results } = failures.data;
  return (
    <>
      <Text size="sm" c="dimmed" mb="md" role="status">
        {results.length === 0 ? t('administration.noFailures') : t('administration.failuresLead')}
      </Text>
      {results.length > 0 && (
        <ul className="rows card" aria-label={t('administration.parts.errors')}>
          {results.map((failure, index) => (
            <li key={`${failure.at}.${index}`} className="row row-small">
              <Text size="sm" className="mono" style={{ overflowWrap: 'anywhere' }}>
                <bdi>
                  {failure.method} {failure.path}
                </bdi>
              </Text>
              <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
                <bdi>{failure.message}</bdi>
              </Text>
              <Text size="xs" c="dimmed">
                <RelativeTime time={failure.at} />
              </Text>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
