/** A repository before its first push: the exact commands that bring an image here. */
import { Stack, Text, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Repository } from '../../hub-api/types.ts';
import { Command } from './command.tsx';
import { familiarName } from './repository-list.tsx';
import { ToolChoice, useTool } from './tool-commands.tsx';

export function EmptyRepository({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  return (
    <section className="card panel">
      <Title order={2} size="h4" mb={4}>
        {t('repository.emptyTitle')}
      </Title>
      {repository.permissions.write ? (
        <PushSteps repository={repository} />
      ) : (
        <Text c="dimmed">{t('repository.emptyReader')}</Text>
      )}
    </section>
  );
}

function PushSteps({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const { words, setTool } = useTool();
  const { tool, registry, prefix } = words;
  const reference = `${prefix}${familiarName(repository.namespace, repository.name)}:latest`;
  const steps = [
    { label: t('repository.stepLogin'), text: `${tool} login${registry}` },
    {
      label: t('repository.stepTag'),
      text: `${tool} tag ${t('repository.imagePlaceholder')} ${reference}`,
    },
    { label: t('repository.stepPush'), text: `${tool} push ${reference}` },
  ];
  return (
    <Stack gap="md" align="stretch">
      <Text c="dimmed">{t('repository.empty')}</Text>
      <div>
        <ToolChoice tool={tool} onChange={setTool} />
      </div>
      <ol className="steps">
        {steps.map(({ label, text }) => (
          <li key={label}>
            {label}
            <Command text={text} label={label} />
          </li>
        ))}
      </ol>
    </Stack>
  );
}
