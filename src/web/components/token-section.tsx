/** The card that access tokens are kept in: what they are for, the list, and a dialog for a new one. */
import { Button, Group, Modal, Text, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface TokenSectionProps {
  readonly lead: string;
  /** @param close ends the dialog. */
  readonly newToken: (close: () => void) => ReactNode;
  /** The list. */
  readonly children: ReactNode;
}

export function TokenSection({ lead, newToken, children }: TokenSectionProps) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  return (
    <section className="card panel">
      <Group justify="space-between" align="flex-start">
        <div style={{ flex: '1 1 280px' }}>
          <Title order={2} size="h5" mb={4}>
            {t('tokens.title')}
          </Title>
          <Text size="sm" c="dimmed" mb="md">
            {lead}
          </Text>
        </div>
        <Button variant="default" onClick={open} flex="none">
          {t('tokens.new')}
        </Button>
      </Group>
      {children}
      <Modal opened={opened} onClose={close} title={t('tokens.new')} centered>
        {newToken(close)}
      </Modal>
    </section>
  );
}
