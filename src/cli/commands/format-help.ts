/** What --format's help says, the same for every command that has one. */

const reading =
  "'TEMPLATE':         Print output using the given Go template.\nRefer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates";

/** For one object. */
export const formatHelp = `Format output using a custom template:\n'json':             Print in JSON format\n${reading}`;

/** For lists. */
export const listFormatHelp = `Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n${reading}`;
