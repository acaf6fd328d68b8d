/** A rule as text; a tree shows as its JSON. */
export const ruleText = (r: unknown): string => (typeof r === 'string' ? r : r === undefined || r === null ? '' : JSON.stringify(r))
