/** The head of a repository's pages: whose it is, its name, visibility and star. */
import { Button, Group, Text, Title } from '@mantine/core';
import { IconStar, IconStarFilled } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'react-router';
import type { Repository } from '../../hub-api/types.ts';
import { useStar } from '../hub/mutations.ts';
import { useSession } from '../hub/queries.ts';
import { isDigest } from '../hub/shown-image.ts';
import { accountPath, officialNamespace, repositoryPath, signInPath } from '../routes.ts';
import { useFormat } from '../text/format.ts';
import { RepositoryBadges } from './repository-list.tsx';

/** The algorithm, and digits that are enough to know it by. */
const digestShown = 19;
/** The amber of the mark. */
const starColour = '#e8963a';

interface RepositoryHeadProps {
  readonly repository: Repository;
  /** The tag or the digest, on an image's page. */
  readonly tag?: string;
}

export function RepositoryHead({ repository, tag }: RepositoryHeadProps) {
  const { namespace, name, description, is_private } = repository;
  return (
    <Group justify="space-between" align="flex-start" wrap="nowrap" gap="lg">
      <div style={{ minWidth: 0 }}>
        <Group gap="sm">
          <Title order={1} size="h2" fw={500} className="repository-title">
            {namespace !== officialNamespace && (
              <>
                <Link className="crumb" to={accountPath(namespace)}>
                  {namespace}
                </Link>
                <Text span inherit c="dimmed" mx={6}>
                  /
                </Text>
                <wbr />
              </>
            )}
            <Link className="crumb crumb-name" to={repositoryPath(namespace, name)}>
              {name}
            </Link>
            {tag !== undefined && (
              <>
                <Text span inherit c="dimmed" mx={3}>
                  {isDigest(tag) ? '@' : ':'}
                </Text>
                <wbr />
                <bdi title={tag}>{isDigest(tag) ? tag.slice(0, digestShown) : tag}</bdi>
              </>
            )}
          </Title>
          <RepositoryBadges namespace={namespace} isPrivate={is_private} />
        </Group>
        {description && (
          <Text c="dimmed" mt={4} style={{ overflowWrap: 'anywhere' }}>
            {description}
          </Text>
        )}
      </div>
      <Star repository={repository} />
    </Group>
  );
}

function Star({ repository }: { readonly repository: Repository }) {
  const { t } = useTranslation();
  const session = useSession();
  const { pathname } = useLocation();
  const star = useStar(repository);
  const starred = star.isPending ? star.variables : repository.has_starred;
  const look = {
    variant: 'default',
    size: 'xs',
    flex: 'none',
    leftSection: starred ? (
      <IconStarFilled size={15} color={starColour} aria-hidden />
    ) : (
      <IconStar size={15} aria-hidden />
    ),
  };
  if (!session.data) {
    return (
      <Button component={Link} to={signInPath(pathname)} {...look}>
        {t('repository.star')}
        <StarCount count={repository.star_count} />
      </Button>
    );
  }
  return (
    <Button aria-pressed={starred} onClick={() => star.mutate(!starred)} {...look}>
      {starred ? t('repository.unstar') : t('repository.star')}
      <StarCount count={repository.star_count} />
    </Button>
  );
}

function StarCount({ count }: { readonly count: number }) {
  const format = useFormat();
  return (
    <Text span inherit c="dimmed" ml={8}>
      {format.number(count)}
    </Text>
  );
}
