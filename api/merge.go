package api

// applyMergePatch applies a JSON merge patch (RFC 7396): members of patch replace those of target, null
// removes a member, arrays are replaced as a whole. Neither argument is changed.
func applyMergePatch(target, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	merged := map[string]any{}
	if old, ok := target.(map[string]any); ok {
		for name, v := range old {
			merged[name] = v
		}
	}
	for name, v := range changes {
		if v == nil {
			delete(merged, name)
		} else {
			merged[name] = applyMergePatch(merged[name], v)
		}
	}
	return merged
}
