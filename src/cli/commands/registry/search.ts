/** `cais search`: repositories of the hub by name and description. */
import { formatFilters, groupFilters } from '../../../engine-api/filters.ts';
import { defineCommand, exactly } from '../../command.ts';
import { encodeAuth, findCredential, serverKey } from '../../credentials.ts';
import { bool, filter, int, string } from '../../flags.ts';
import { formatList, type Listing } from '../../format.ts';
import { ellipsis } from '../../human.ts';

interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
}

export const search = defineCommand({
  usage: '[OPTIONS] TERM',
  flags: {
    filter: filter('Filter output based on conditions provided', 'f'),
    format: string('Pretty-print search using a Go template'),
    limit: int('Max number of search results'),
    'no-trunc': bool("Don't truncate output"),
  },
  count: exactly(1),
  run: async ({ context, flags, args: [term = ''] }) => {
    const server = serverKey(/^([^/]*[.:][^/]*|localhost)\//.exec(term)?.[1]);
    const credential = await findCredential(await context.configFile(), server);
    const response = await context.engine.call('GET', '/images/search', {
      query: { term, limit: flags.limit, filters: formatFilters(groupFilters(flags.filter)) },
      headers: { 'X-Registry-Auth': encodeAuth(server, credential) },
    });
    const results = (await response.json()) as SearchResult[];
    await context.out.write(formatList(searchListing(flags['no-trunc']), results, flags.format));
  },
});

function searchListing(isWhole: boolean): Listing<SearchResult> {
  const mark = (isSet: boolean) => (isSet ? '[OK]' : '');
  return {
    typeName: '*registry.searchContext',
    table: '{{.Name}}\t{{.Description}}\t{{.StarCount}}\t{{.IsOfficial}}',
    columns: {
      Name: { heading: 'NAME', value: ({ name }) => name },
      Description: { heading: 'DESCRIPTION', value: ({ description }) => describe(description, isWhole) },
      StarCount: { heading: 'STARS', value: ({ star_count: stars }) => String(stars) },
      IsOfficial: { heading: 'OFFICIAL', value: ({ is_official: isOfficial }) => mark(isOfficial) },
      IsAutomated: { heading: 'AUTOMATED', value: () => '' },
    },
  };
}

const descriptionWidth = 45;

function describe(text: string, isWhole: boolean): string {
  const line = text.replaceAll(/[\r\n]/g, ' ');
  return isWhole ? line : ellipsis(line, descriptionWidth);
}
