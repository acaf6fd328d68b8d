package collect

// The functions of this file each take one object of an event, whose opening brace is at i, and return the offset
// after it. The switches are what an event's fields are called; everything else is passed over (but checked).

func (t *text) oneEvent(i int, n *note) int {
	b := t.b
	n.start = int32(i)
	if i = space(b, i+1); b[i] == '}' {
		n.end = int32(i + 1)
		return i + 1
	}
	for {
		var name []byte
		if name, i = t.key(i); i < 0 {
			return -1
		}
		switch string(name) {
		case "type":
			i = t.take(i, &n.kind)
		case "event":
			i = t.take(i, &n.event)
		case "name":
			i = t.take(i, &n.name)
		case "userId":
			i = t.take(i, &n.userID)
		case "anonymousId":
			i = t.take(i, &n.anonymousID)
		case "previousId":
			i = t.take(i, &n.previousID)
		case "groupId":
			i = t.take(i, &n.group)
		case "messageId":
			i = t.take(i, &n.messageID)
		case "timestamp":
			i = t.take(i, &n.timestamp)
		case "originalTimestamp":
			i = t.take(i, &n.originalTimestamp)
		case "sentAt":
			i = t.take(i, &n.sentAt)
		case "properties":
			i = t.propertiesObject(i, n)
		case "traits":
			i = t.traitsObject(i, 1, &n.traits, &n.email, &n.phone)
		case "context":
			i = t.contextObject(i, &n.context)
		case "channel":
			i = t.take(i, &n.channel)
		case "writeKey":
			i = t.take(i, &n.writeKey)
		default:
			i = t.value(i, 1)
		}
		if i < 0 {
			return -1
		}
		var done bool
		if i, done = t.comma(i); i < 0 || done {
			n.end = int32(i)
			return i
		}
	}
}

func (t *text) propertiesObject(i int, n *note) int {
	if t.b[i] != '{' {
		return t.take(i, &n.properties)
	}
	n.place = place{}
	return t.object(i, &n.properties, func(name []byte, i int) int {
		return t.placeField(name, i, &n.place, 2)
	})
}

func (t *text) placeField(name []byte, i int, p *place, depth int) int {
	switch string(name) {
	case "touchpoint":
		return t.take(i, &p.touchpoint)
	case "channel":
		return t.take(i, &p.channel)
	case "direction":
		return t.take(i, &p.direction)
	case "department":
		return t.take(i, &p.department)
	}
	return t.value(i, depth)
}

func (t *text) traitsObject(i, depth int, all, email, phone *field) int {
	if t.b[i] != '{' {
		return t.take(i, all)
	}
	*email, *phone = field{}, field{}
	return t.object(i, all, func(name []byte, i int) int {
		switch string(name) {
		case "email":
			return t.take(i, email)
		case "phone":
			return t.take(i, phone)
		}
		return t.value(i, depth+1)
	})
}

func (t *text) contextObject(i int, c *contextNote) int {
	*c = contextNote{}
	if t.b[i] != '{' {
		return t.take(i, &c.all)
	}
	return t.object(i, &c.all, func(name []byte, i int) int {
		switch string(name) {
		case "traits":
			return t.traitsObject(i, 2, &c.traits, &c.email, &c.phone)
		case "device":
			return t.deviceObject(i, c)
		case "externalId", "externalIds":
			return t.take(i, &c.externalIDs)
		case "heed":
			if t.b[i] != '{' {
				return t.value(i, 2)
			}
			var all field
			return t.object(i, &all, func(name []byte, i int) int { return t.placeField(name, i, &c.place, 3) })
		}
		return t.value(i, 2)
	})
}

func (t *text) deviceObject(i int, c *contextNote) int {
	var all field
	if t.b[i] != '{' {
		return t.take(i, &all)
	}
	return t.object(i, &all, func(name []byte, i int) int {
		if string(name) == "id" {
			return t.take(i, &c.deviceID)
		}
		return t.value(i, 3)
	})
}

// object takes the object at i into all and each of its fields with the function, which is given the name and where the
// value begins and returns the offset after it.
func (t *text) object(i int, all *field, each func(name []byte, i int) int) int {
	b, start := t.b, i
	if i = space(b, i+1); b[i] == '}' {
		*all = field{start: int32(start), end: int32(i + 1), kind: isObject}
		return i + 1
	}
	for {
		var name []byte
		if name, i = t.key(i); i < 0 {
			return -1
		}
		if i = each(name, i); i < 0 {
			return -1
		}
		var done bool
		if i, done = t.comma(i); i < 0 {
			return -1
		} else if done {
			*all = field{start: int32(start), end: int32(i), kind: isObject}
			return i
		}
	}
}
