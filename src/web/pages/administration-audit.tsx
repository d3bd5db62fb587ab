/** What was done on the whole hub, and what was refused. */
import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { LazyAuditLog } from '../components/audit-section.tsx';

const pageSize = 25;

export function AdministrationAudit() {
  const { t } = useTranslation();
  return (
    <>
      <Text size="sm" c="dimmed" mb="md">
        {t('audit.lead')}
      </Text>
      <LazyAuditLog account={undefined} pageSize={pageSize} />
    </>
  );
}
