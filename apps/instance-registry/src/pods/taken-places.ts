import { isPrivatePodAddress, ownPlaceReason, podPlaceOf } from '@ecolink/contracts';
import type { Transaction } from '@ecolink/database';
import { Inject, Injectable } from '@nestjs/common';
import { ownAddresses } from './own-addresses.js';
import { PodPlacesStore } from './pod-places.store.js';
import { type CheckedPodUrl, refusedUrl } from './pod-urls.js';

/** A URL that was judged by its addresses, and the field that it came in. */
export interface NamedPlace {
  readonly param: string;
  readonly target: Pick<CheckedPodUrl, 'addresses' | 'port'>;
}

/** Refuses servers that are somebody else's, in the same words as ports of the product itself. */
@Injectable()
export class TakenPlaces {
  constructor(@Inject(PodPlacesStore) private readonly places: PodPlacesStore) {}

  /** With a transaction the places are locked first: of two accounts that name a server at once, one gets it. */
  async refuse(accountId: string, named: readonly NamedPlace[], transaction?: Transaction): Promise<void> {
    const own = ownAddresses();
    const all = named.flatMap(({ param, target }) =>
      target.addresses.map(({ address }) => ({
        param,
        address,
        port: target.port,
        place: podPlaceOf(address, target.port, own),
      })),
    );
    const texts = all.map(({ place }) => place);
    const privateTexts = all.filter(({ address, place }) => isPrivatePodAddress(address) || place.startsWith('host:'));
    if (transaction !== undefined) await this.places.lock(transaction, texts);
    const taken = await this.places.taken(
      accountId,
      texts,
      privateTexts.map(({ place }) => place),
      transaction,
    );
    const first = all.find(({ place }) => taken.has(place));
    if (first !== undefined) throw refusedUrl(first.param, ownPlaceReason(first.address, first.port));
  }
}

export function placesOf(target: Pick<CheckedPodUrl, 'addresses' | 'port'>): readonly string[] {
  const own = ownAddresses();
  return target.addresses.map(({ address }) => podPlaceOf(address, target.port, own));
}
