/**
 * The commands for a repository, in the words of the tool that the reader uses: short names where docker.io is this hub (cais, and
 * docker as client of cais's engine), the hub's address in front for all others. The choice is remembered.
 */
import { SegmentedControl, Text } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

const tools = ['cais', 'docker', 'podman'] as const;
export type Tool = (typeof tools)[number];

export interface ToolWords {
  readonly tool: Tool;
  /** What the tool calls the hub in `login`: nothing where that is its default. */
  readonly registry: string;
  /** What goes in front of an image's name. */
  readonly prefix: string;
}

function wordsOf(tool: Tool, host: string): ToolWords {
  return tool === 'podman'
    ? { tool, registry: ` ${host}`, prefix: `${host}/` }
    : { tool, registry: '', prefix: '' };
}

export function useTool() {
  const [tool, setTool] = useLocalStorage<Tool>({
    key: 'cais.tool',
    defaultValue: 'cais',
    getInitialValueInEffect: false,
  });
  const known = tools.includes(tool) ? tool : 'cais';
  return { words: wordsOf(known, window.location.host), setTool };
}

interface ToolChoiceProps {
  readonly tool: Tool;
  readonly onChange: (tool: Tool) => void;
}

export function ToolChoice({ tool, onChange }: ToolChoiceProps): ReactNode {
  const { t } = useTranslation();
  return (
    <>
      <SegmentedControl
        size="xs"
        aria-label={t('repository.tool')}
        value={tool}
        onChange={onChange}
        data={[...tools]}
      />
      {tool !== 'cais' && (
        <Text size="xs" c="dimmed" mt={6}>
          {tool === 'docker' ? t('repository.toolDockerHint') : t('repository.toolOtherHint')}
        </Text>
      )}
    </>
  );
}
