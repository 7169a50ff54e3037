"""Asks an org a query by Python's own TLS, HTTP and XML, and prints the records as the REST API shows
them: nested JSON, values as text. An answer to hold the program's against.

oracle.py URL CA CERTIFICATE CALL SOQL, with the session ID in SESSION_ID.
"""

import http.client
import json
import os
import ssl
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree
from xml.sax.saxutils import escape

API = "{urn:partner.soap.sforce.com}"
OBJECT = "{urn:sobject.partner.soap.sforce.com}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


class Org:
    def __init__(self, url, ca, certificate):
        self.url = urllib.parse.urlsplit(url)
        context = ssl.create_default_context(cafile=ca)
        context.load_cert_chain(certificate)
        self.connection = http.client.HTTPSConnection(
            self.url.hostname, self.url.port, context=context
        )

    def call(self, name, parameter, value):
        body = (
            '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
            ' xmlns:p="urn:partner.soap.sforce.com"><e:Header><p:SessionHeader><p:sessionId>'
            f"{os.environ['SESSION_ID']}</p:sessionId></p:SessionHeader></e:Header>"
            f"<e:Body><p:{name}><p:{parameter}>{escape(value)}</p:{parameter}></p:{name}></e:Body>"
            "</e:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        self.connection.request("POST", self.url.path, body.encode(), headers)
        answer = self.connection.getresponse().read()
        return ElementTree.fromstring(answer).find(f".//{API}result")

    def records(self, result):
        """The records of this page and of all that follow it."""
        rows = [self.record(element) for element in result.findall(f"{API}records")]
        while result.findtext(f"{API}done") == "false":
            locator = result.findtext(f"{API}queryLocator")
            result = self.call("queryMore", "queryLocator", locator)
            rows += [self.record(element) for element in result.findall(f"{API}records")]
        return rows, result.findtext(f"{API}size")

    def record(self, element):
        kind, marker, *fields = element
        assert kind.tag == OBJECT + "type" and marker.tag == OBJECT + "Id"
        record = {"attributes": {"type": kind.text}}
        for field in fields:
            record[field.tag.removeprefix(OBJECT)] = self.value(field)
        return record

    def value(self, element):
        if element.get(XSI + "nil") == "true":
            return None
        kind = (element.get(XSI + "type") or "").rpartition(":")[2]
        if kind == "QueryResult":
            rows, size = self.records(element)
            return {"totalSize": int(size), "done": True, "records": rows}
        if kind == "sObject":
            return self.record(element)
        if len(element):
            return {part.tag.rpartition("}")[2]: self.value(part) for part in element}
        return element.text or ""


def main():
    url, ca, certificate, call, soql = sys.argv[1:]
    org = Org(url, ca, certificate)
    rows, _ = org.records(org.call(call, "queryString", soql))
    json.dump(rows, sys.stdout, ensure_ascii=False)


main()
