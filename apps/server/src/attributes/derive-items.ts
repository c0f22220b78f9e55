import type { ItemClaims } from "@xid/protocol";
import { hasReachedAge, japanDate } from "./age.ts";
import type { AttributeVersion } from "./attribute-version.ts";
import { flagCharacters } from "./character-flags.ts";
import { divideName } from "./divide-name.ts";
import { locateAddress } from "./municipality.ts";

/**
 * Everything that the certificate's attributes say of a person in the form in which it can leave, item by item; what they
 * do not say for certain is not there. Whether anybody may have any of it is the caller's to know.
 *
 * @param now milliseconds since 1970, for ages
 */
export function deriveItems(attributes: AttributeVersion, now: number): ItemClaims {
  const { name, birthdate, gender, address, nameSubstitutes, addressSubstitutes } = attributes;
  const divided = divideName(name, nameSubstitutes);
  const located = locateAddress(address);
  const today = japanDate(now);
  const municipality = located && {
    region: located.region,
    locality: located.locality,
    municipality_code: located.code,
  };
  return known({
    name,
    name_characters: flagCharacters(name, nameSubstitutes),
    name_divided: divided !== undefined,
    family_name: divided?.family,
    given_name: divided?.given,
    birthdate,
    age_over_18: hasReachedAge(birthdate, 18, today),
    age_over_20: hasReachedAge(birthdate, 20, today),
    gender,
    address: {
      formatted: address,
      country: "JP" as const,
      ...(located && { ...municipality, street_address: located.street }),
    },
    address_characters: flagCharacters(address, addressSubstitutes),
    municipality,
  });
}

function known(claims: { [Name in keyof ItemClaims]: ItemClaims[Name] | undefined }): ItemClaims {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}
