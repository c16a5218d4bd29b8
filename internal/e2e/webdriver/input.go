package webdriver

// Keys of WebDriver that are no characters.
const (
	Tab       = "\uE004"
	Enter     = "\uE007"
	Control   = "\uE009"
	Escape    = "\uE00C"
	End       = "\uE010"
	Home      = "\uE011"
	ArrowDown = "\uE015"
	Delete    = "\uE017"
)

// Input is a source of input with its actions, in WebDriver's JSON.
type Input map[string]any

// Type presses keys one after the other.
func Type(keys string) Input {
	var actions []object
	for _, key := range keys {
		actions = append(actions, press(key), release(key))
	}
	return Input{"type": "key", "id": "keyboard", "actions": actions}
}

// Hold presses a key while another one is held.
func Hold(held, key string) Input {
	var actions []object
	for _, k := range held {
		actions = append(actions, press(k))
	}
	for _, k := range key {
		actions = append(actions, press(k), release(k))
	}
	for _, k := range held {
		actions = append(actions, release(k))
	}
	return Input{"type": "key", "id": "keyboard", "actions": actions}
}

func press(key rune) object   { return object{"type": "keyDown", "value": string(key)} }
func release(key rune) object { return object{"type": "keyUp", "value": string(key)} }

// Click clicks at a place of the page with the mouse.
func Click(x, y int) Input {
	return Input{"type": "pointer", "id": "mouse", "parameters": object{"pointerType": "mouse"}, "actions": []object{
		{"type": "pointerMove", "x": x, "y": y},
		{"type": "pointerDown", "button": 0},
		{"type": "pointerUp", "button": 0},
	}}
}
