/** In the place of a part that could not be loaded. When to load the page anew is the reader's to say: they may be typing. */
import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function PartFailure() {
  const { t } = useTranslation();
  return (
    <Group gap="xs" role="alert">
      <Text size="sm" c="dimmed">
        {t('failure.part')}
      </Text>
      <Button size="compact-sm" variant="default" onClick={() => window.location.reload()}>
        {t('failure.reload')}
      </Button>
    </Group>
  );
}
