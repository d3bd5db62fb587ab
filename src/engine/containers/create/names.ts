/**
 * Names for containers that were given none: adjective_surname, as docker's look, from lists of our own.
 * The surnames are of people who made computing, networks and free software what they are.
 */
const adjectives = (
  'able airy alert ample apt awake balmy bold brave breezy bright brisk calm candid cheery civil clear clever ' +
  'cosy crisp curious dapper daring deft eager early easy fair fancy fearless fine fleet fluent fond frank free ' +
  'fresh friendly gallant gentle glad golden graceful grand happy hardy hearty helpful honest humble jolly jovial ' +
  'keen kind lively loyal lucid lucky mellow merry mild modest neat nimble noble patient placid playful plucky ' +
  'polite prompt proud quick quiet radiant rapid ready robust rosy serene sharp shiny silent sincere smart snug ' +
  'solid sound spry steady stout sunny sure swift tender thrifty tidy tranquil trusty upbeat valiant vivid warm ' +
  'wise witty zany zesty'
).split(' ');

const surnames = (
  'abelson allen backus baran bartik berners boole booth brooks burks cerf chomsky church clark cocke codd conway ' +
  'cook corbato cray curry dahl daemen davies diffie dijkstra drepper eckert eich engelbart estrin feinler floyd ' +
  'goldberg gosling gray hamilton hamming hellman hejlsberg hoare holberton hopper hudak huffman hui iverson jacobson ' +
  'joy kahan kahn karp kay kernighan kilburn kildall kleene kleinrock knuth kurtz lamarr lamport lampson landin ' +
  'licklider liskov lovelace maeda matsumoto mauchly mccarthy mcilroy mcnulty merkle metcalfe micali milner minsky ' +
  'moler moore naur neumann nygaard papert perlis perlman pike postel rabin ritchie rivest roberts rossum sammet scott ' +
  'shamir shannon simon spence stallman steele stroustrup sussman sutherland tanenbaum tarjan thacker thompson torvalds ' +
  'turing valiant wall wilkes wing wirth wozniak yao zuse'
).split(' ');

/**
 * A name that `isFree` accepts. After a few takes a digit is added, so a full house still finds one.
 * @param random numbers from 0 to below 1, for tests.
 */
export function generateName(isFree: (name: string) => boolean, random = Math.random): string {
  for (let attempt = 0; ; attempt++) {
    const suffix = attempt < 5 ? '' : String(Math.floor(random() * 10 ** Math.min(attempt - 4, 9)));
    const name = `${pick(adjectives, random)}_${pick(surnames, random)}${suffix}`;
    if (isFree(name)) return name;
  }
}

function pick(words: readonly string[], random: () => number): string {
  return words[Math.floor(random() * words.length)] ?? 'plain';
}
