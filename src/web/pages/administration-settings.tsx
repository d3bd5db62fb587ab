/** How the hub was set up. It is changed where it is started. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Failure } from '../components/failure.tsx';
import { ListSkeleton } from '../components/repository-list.tsx';
import { isFailed } from '../hub/queries.ts';
import { useSettings } from '../hub/system.ts';

export function AdministrationSettings() {
  const { t } = useTranslation();
  const settings = useSettings();
  if (settings.isPending) return <ListSkeleton />;
  if (isFailed(settings)) return <Failure error={settings.error} retry={settings.refetch} />;
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {t('administration.settingsLead')}
      </Text>
      <dl className="card panel pairs">
        {settings.data.settings.map(({ flag, variable, value }) => (
          <div key={flag}>
            <dt>
              <span className="mono">{flag}</span>
              <Text size="xs" className="mono">
                {variable}
              </Text>
            </dt>
            <dd className="mono">{value || <Text c="dimmed">{t('administration.notSet')}</Text>}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
