/** A pool of addresses as a network's maker asks for it; '' and none where nothing was said. */
export type AddressPool = Readonly<Record<'Subnet' | 'IPRange' | 'Gateway', string>> & {
  readonly AuxiliaryAddresses: Readonly<Record<string, string>>;
};
