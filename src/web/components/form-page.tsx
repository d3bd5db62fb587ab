/** A page that is one form in the middle: sign up, sign in, create. */
import { Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { usePageTitle } from '../text/page-title.ts';

interface FormPageProps {
  readonly title: string;
  readonly lead?: string;
  readonly width?: number;
  readonly children: ReactNode;
}

export function FormPage({ title, lead, width = 420, children }: FormPageProps) {
  usePageTitle(title);
  return (
    <Stack gap="lg" maw={width} mx="auto" pt={{ base: 0, sm: 24 }}>
      <div>
        <Title order={1} size="h2">
          {title}
        </Title>
        {lead && (
          <Text c="dimmed" mt={4}>
            {lead}
          </Text>
        )}
      </div>
      {children}
    </Stack>
  );
}
