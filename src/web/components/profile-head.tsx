/** The head of the page of a person or an organization: who it is, in their own words. */
import { Avatar, Group, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../text/format.ts';

interface ProfileHeadProps {
  readonly name: string;
  readonly fullName: string;
  /** Company, place; what is empty is left out. */
  readonly about: readonly string[];
  readonly joined: string;
  /** Of the picture: people are round. */
  readonly radius: 'md' | 'xl';
}

export function ProfileHead({ name, fullName, about, joined, radius }: ProfileHeadProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const facts = [fullName && name, ...about].filter(Boolean);
  return (
    <Group wrap="nowrap">
      <Avatar name={name} color="quay" size="lg" radius={radius} alt="" />
      <div style={{ minWidth: 0, overflowWrap: 'anywhere' }}>
        <Title order={1} size="h2">
          <bdi>{fullName || name}</bdi>
        </Title>
        <Text c="dimmed" size="sm">
          {facts.map((text, index) => (
            // Two of them may say the same.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={index}>
              <bdi>{text}</bdi> ·{' '}
            </span>
          ))}
          {t('account.since', { when: format.month(new Date(joined)) })}
        </Text>
      </div>
    </Group>
  );
}
