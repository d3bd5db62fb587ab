/** A new access token, the only time that anybody sees it, and the login that it is for. */
import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Command, TextToCopy } from './command.tsx';
import { useTool } from './tool-commands.tsx';

interface ShownTokenProps {
  /** The name of the account or organization. */
  readonly username: string;
  readonly token: string;
  readonly close: () => void;
}

export function ShownToken({ username, token, close }: ShownTokenProps) {
  const { t } = useTranslation();
  const { words } = useTool();
  const registry = words.prefix.replace(/\/$/, '');
  return (
    <Stack gap="md">
      <Alert color="yellow" variant="light" c="var(--mantine-color-text)">
        {t('tokens.once')}
      </Alert>
      <TextToCopy text={token} label={t('tokens.token')} />
      <Text size="sm">{t('tokens.login')}</Text>
      <Command
        text={[words.tool, 'login', '-u', username, registry].filter(Boolean).join(' ')}
        label={t('tokens.login')}
      />
      <Group justify="flex-end">
        <Button onClick={close}>{t('common.close')}</Button>
      </Group>
    </Stack>
  );
}
