// Placeholder until the view lands.
export const exportBreakdown = async (_dimension: string, _search = ''): Promise<void> => {}
export const exportSessions = async (_format: 'csv' | 'ndjson'): Promise<void> => {}
