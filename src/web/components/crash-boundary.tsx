/**
 * What is shown when drawing a page threw: a way to load it anew. Also when a page that is loaded on demand cannot be
 * had (load-part.ts).
 */
import { Button, Stack, Text, Title } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface CrashBoundaryProps {
  readonly children: ReactNode;
}

/** React has no hook for this. Give it a `key` that changes with the page. */
export class CrashBoundary extends Component<CrashBoundaryProps, { readonly crashed: boolean }> {
  override readonly state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render(): ReactNode {
    return this.state.crashed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useTranslation();
  return (
    <Stack align="center" gap="md" py={64} ta="center" maw={520} mx="auto">
      <Title order={1} size="h2">
        {t('failure.unexpectedTitle')}
      </Title>
      <Text c="dimmed">{t('failure.crashed')}</Text>
      <Button variant="default" onClick={() => window.location.reload()}>
        {t('failure.reload')}
      </Button>
    </Stack>
  );
}
